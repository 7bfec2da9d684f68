package dev.postern.inbound;

import io.netty.channel.ChannelHandler;

/** Makes the handler that sees the bytes of an HTTP/1.1 connection before the codec does. */
@FunctionalInterface
public interface ConnectionLane {
    /**
     * A handler for one connection.
     *
     * @param calls  the calls of the connection, which the handler counts, too
     * @param secure whether the connection uses TLS
     */
    ChannelHandler handler(OpenCalls calls, boolean secure);
}
