package dev.postern.inbound;

import dev.postern.telemetry.LimitedLog;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.LoggerFactory;

/**
 * Handles errors of HTTP/2 connections at the end of the pipeline, such as invalid frames, after the codec has sent
 * GOAWAY. Netty would log a stack trace for each, and strangers can cause any number of them.
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
