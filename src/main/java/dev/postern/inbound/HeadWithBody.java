package dev.postern.inbound;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * Sends the head of a response together with the beginning of its body. The server writes the body only when the head
 * is written, and flushes each: two system calls and two segments for a body that is already there. This handler
 * reports the head as written before it is, and flushes it a moment later if no body has come: after the tasks that the
 * event loop already has. If the head cannot be written, the connection is closed.
 */
final class HeadWithBody extends ChannelOutboundHandlerAdapter {
    /** Whether a head is the last message that was written, and is not flushed. */
    private boolean headWaits;
    private @Nullable ChannelPromise unreported;

    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        headWaits = message instanceof HttpResponse response && !(message instanceof LastHttpContent)
                && response.status().codeClass() != HttpStatusClass.INFORMATIONAL && !promise.isVoid();
        if (!headWaits) {
            context.write(message, promise);
            return;
        }
        ChannelFuture written = context.write(message);
        // Usually, flush has reported it already.
        written.addListener(_ -> report(written, promise));
        if (written.isDone()) {
            // It has failed.
            headWaits = false;
        } else {
            unreported = promise;
            written.addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        }
    }

    private static void report(ChannelFuture written, ChannelPromise promise) {
        if (written.isSuccess()) {
            promise.trySuccess();
        } else {
            promise.tryFailure(written.cause());
        }
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        ChannelPromise head = unreported;
        if (head == null) {
            context.flush();
            return;
        }
        unreported = null;
        if (headWaits && !context.executor().isShuttingDown()) {
            context.executor().execute(() -> flushIfAlone(context));
        } else {
            context.flush();
        }
        // Not in write(): the listener that this notifies may write the body, but the handlers behind this one are
        // still writing the head then.
        head.trySuccess();
    }

    /** If a response is broken off right after its head, the client still gets the head. */
    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        flushIfAlone(context);
        context.close(promise);
    }

    private void flushIfAlone(ChannelHandlerContext context) {
        if (headWaits) {
            headWaits = false;
            context.flush();
        }
    }
}
