/** The connections of clients: requests are checked and corrected here before the web framework sees them. */
@org.jspecify.annotations.NullMarked
package dev.postern.inbound;
