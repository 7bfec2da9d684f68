/** The people who operate the gate: their roles, passwords, and the limit on failed attempts to sign in. */
@NullMarked
package dev.postern.operator;

import org.jspecify.annotations.NullMarked;
