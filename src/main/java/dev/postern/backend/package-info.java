/** The backends behind the gate: how they are reached, and how many connections to them each account may hold. */
@NullMarked
package dev.postern.backend;

import org.jspecify.annotations.NullMarked;
