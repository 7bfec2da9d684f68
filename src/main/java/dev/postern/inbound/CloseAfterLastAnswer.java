package dev.postern.inbound;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Closes an HTTP/1.1 connection after its last response, and adds {@code Connection: close} to that response. Does this
 * when the client asks for it, while the gate is drained, and after a body whose end cannot be found. Requests that
 * were read are answered first.
 */
final class CloseAfterLastAnswer extends ChannelDuplexHandler {
    private final OpenCalls calls;
    private boolean answering;

    CloseAfterLastAnswer(OpenCalls calls) {
        this.calls = calls;
    }

    /** Closes the connection after the next response that no other follows. */
    void announce() {
        calls.announceEnd();
    }

    /** Closes the connection as soon as no request on it is unanswered. */
    @SuppressWarnings("FutureReturnValueIgnored")
    void drain(ChannelHandlerContext context) {
        calls.end();
        if (calls.areNone()) {
            context.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof BrokenBody broken) {
            broken.arrive();
            calls.end();
            context.fireExceptionCaught(new BrokenBodyException());
            return;
        }
        context.fireChannelRead(message);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse response
                && response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            answering = true;
            if (response.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true)) {
                calls.end();
            }
            if (calls.endWithThis()) {
                calls.end();
                HttpUtil.setKeepAlive(response, false);
            }
        }
        if (!(message instanceof LastHttpContent) || !answering) {
            context.write(message, promise);
            return;
        }
        answering = false;
        // Not if the end was announced since the head of the response, which said nothing of it.
        boolean last = calls.isEnding() && calls.endWithThis();
        calls.answered();
        ChannelPromise written = promise.unvoid();
        context.write(message, written);
        if (last) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }
}
