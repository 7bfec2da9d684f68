package dev.postern.inbound;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

/**
 * Tells a listener what is written as the response to the present request, and when that has ended: with its last part,
 * or with the connection or HTTP/2 stream. A WebSocket ends with its connection. The server handles the requests of a
 * connection one by one, so there is one listener at a time.
 */
public final class AnswerWatch extends ChannelOutboundHandlerAdapter {
    private static final AttributeKey<AnswerWatch> KEY = AttributeKey.valueOf(AnswerWatch.class, "watch");

    private @Nullable Listener listener;
    private boolean upgraded;

    /** Learns of one response, on the event loop of the client's connection. */
    public interface Listener {
        /** The head of the response is being written. */
        void answers(int status);

        /** A part of the body with this many bytes is being written. */
        void sends(int bytes);

        /**
         * The response has ended.
         *
         * @param whole false if the connection was closed before
         */
        void ended(boolean whole);
    }

    /** Who wants to listen. */
    @FunctionalInterface
    public interface Demand {
        /** Whether connections need a watch. */
        boolean isThere();
    }

    AnswerWatch() {}

    /**
     * Listens to the response to the request that is being handled. Replaces an earlier listener for the same request.
     * Does nothing if the connection has no watch.
     */
    public static void listen(Channel channel, Listener listener) {
        AnswerWatch watch = channel.attr(KEY).get();
        if (watch != null) {
            watch.listener = listener;
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.channel().attr(KEY).set(this);
        context.channel().closeFuture().addListener(_ -> end(upgraded));
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        Listener present = listener;
        if (present != null) {
            look(present, message);
        }
        context.write(message, promise);
    }

    private void look(Listener present, Object message) {
        if (message instanceof HttpResponse response) {
            upgraded = response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
            if (!upgraded && response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
                // Not the answer yet, although it is a whole message.
                return;
            }
            present.answers(response.status().code());
        }
        if (message instanceof HttpContent content) {
            present.sends(content.content().readableBytes());
        } else if (message instanceof ByteBuf bytes) {
            present.sends(bytes.readableBytes());
        }
        if (message instanceof LastHttpContent && !upgraded) {
            end(true);
        }
    }

    private void end(boolean whole) {
        Listener present = listener;
        listener = null;
        if (present != null) {
            present.ended(whole);
        }
    }
}
