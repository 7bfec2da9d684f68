/** WebSockets through the gate: the two handshakes, and the relay between client and backend. */
@NullMarked
package dev.postern.proxy.websocket;

import org.jspecify.annotations.NullMarked;
