package dev.postern.store;

import io.lettuce.core.protocol.CommandHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a connection to Redis on which reading has failed, as it does where memory has run out. Lettuce takes such an error for
 * the failure of the command whose reply is next, and goes on; that reply then goes to the command behind it, and so on for as
 * long as the connection lives: the record of one credential would be read for another. Once the connection has ended, whatever
 * was under way on it fails, and the next begins anew.
 */
final class EndOnError extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(EndOnError.class);

    private final CommandHandler lettuce;
    private final ChannelHandlerContext lettuceContext;
    private boolean ended;

    private EndOnError(CommandHandler lettuce, ChannelHandlerContext lettuceContext) {
        this.lettuce = lettuce;
        this.lettuceContext = lettuceContext;
    }

    static void guard(ChannelPipeline pipeline) {
        CommandHandler lettuce = pipeline.get(CommandHandler.class);
        ChannelHandlerContext context = pipeline.context(lettuce);
        pipeline.addBefore(context.name(), EndOnError.class.getSimpleName(), new EndOnError(lettuce, context));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (ended) {
            ReferenceCountUtil.release(message);
            return;
        }
        try {
            // Called from here, because the pipeline would tell of its errors nobody but Lettuce's handler itself.
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
            // The message may quote what was read.
            LOG.warn("Reading from Redis failed ({}); the connection is ended and opened again",
                    failure.getClass().getName());
            var _ = context.close();
        }
        ended = true;
        context.fireExceptionCaught(failure);
    }
}
