/** The web console on the management port. It is a client of the management API, and can do nothing that the API cannot. */
@NullMarked
package dev.postern.console;

import org.jspecify.annotations.NullMarked;
