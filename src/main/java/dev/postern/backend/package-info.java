/** The backends behind the gate: the connections to them, and how many each account may hold. */
@NullMarked
package dev.postern.backend;

import org.jspecify.annotations.NullMarked;
