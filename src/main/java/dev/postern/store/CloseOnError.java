package dev.postern.store;

import io.lettuce.core.protocol.CommandHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection to Redis after a read error, such as running out of memory. Lettuce takes such an error for the
 * failure of the next command and carries on. From then on, until the connection is closed, each reply goes to the
 * command after its own: one credential's record would be read for another. Closing the connection fails all its
 * commands, and the next connection starts clean.
 */
final class CloseOnError extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(CloseOnError.class);

    private final CommandHandler lettuce;
    private final ChannelHandlerContext lettuceContext;
    private boolean ended;

    private CloseOnError(CommandHandler lettuce, ChannelHandlerContext lettuceContext) {
        this.lettuce = lettuce;
        this.lettuceContext = lettuceContext;
    }

    static void guard(ChannelPipeline pipeline) {
        CommandHandler lettuce = pipeline.get(CommandHandler.class);
        ChannelHandlerContext context = pipeline.context(lettuce);
        pipeline.addBefore(context.name(), CloseOnError.class.getSimpleName(), new CloseOnError(lettuce, context));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (ended) {
            ReferenceCountUtil.release(message);
            return;
        }
        try {
            // Call Lettuce's handler directly: the pipeline would report the errors of that handler only to the handler
            // itself.
            lettuce.channelRead(lettuceContext, message);
        } catch (Throwable failure) {
            end(context, failure);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        end(context, failure);
    }

    private void end(ChannelHandlerContext context, Throwable failure) {
        if (!ended && context.channel().isActive()) {
            // The exception's message may quote what was read.
            LOG.warn("Reading from Redis failed ({}); reconnecting",
                    failure.getClass().getName());
            var _ = context.close();
        }
        ended = true;
        context.fireExceptionCaught(failure);
    }
}
