/**
 * The web console on the management port, and the page of key holders. They are clients of the management API, and can
 * do nothing that the API cannot.
 */
@NullMarked
package dev.postern.console;

import org.jspecify.annotations.NullMarked;
