package dev.postern.inbound;

import dev.postern.telemetry.LimitedLog;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.LoggerFactory;

/**
 * The end of the line for errors of an HTTP/2 connection, such as frames that break the protocol: the codec has answered
 * them with GOAWAY. Netty would write a stack trace for each, and strangers can cause as many as they like.
 */
@ChannelHandler.Sharable
final class ConnectionErrors extends ChannelInboundHandlerAdapter {
    private static final LimitedLog LOG = new LimitedLog(LoggerFactory.getLogger(ConnectionErrors.class));

    @Override
    @SuppressWarnings("deprecation")
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.info("An HTTP/2 connection ended with an error: {}", cause.getClass().getSimpleName());
    }
}
