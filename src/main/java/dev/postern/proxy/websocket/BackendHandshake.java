package dev.postern.proxy.websocket;

import dev.postern.access.DenyReason;
import dev.postern.call.ForwardingException;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Controls the opening handshake with the backend, next to the HTTP codec of its connection. Reactor Netty and Netty
 * carry out the handshake, but they add their own headers, treat the first interim response as the answer, wait for the
 * body of a refusal, and fail if the backend picks none of the offered subprotocols. This handler corrects all of that.
 */
final class BackendHandshake extends ChannelDuplexHandler {
    /**
     * Because of this prefix, {@link reactor.netty.ConnectionOps#addHandlerFirst} adds other handlers behind this one.
     * This handler stays right behind the codec.
     */
    static final String NAME = NettyPipeline.LEFT + "postern.backendHandshake";

    private final HttpHeaders clientHeaders;
    private final List<String> offered;
    private final Duration limit;
    private HttpHeaders responseHeaders = EmptyHttpHeaders.INSTANCE;
    private @Nullable String subprotocol;
    private @Nullable Future<?> timeout;
    private boolean skipping;
    private boolean accepted;
    private boolean failed;

    /**
     * @param clientHeaders headers for the backend, besides those of the handshake itself
     * @param offered       subprotocols of which the backend may pick one
     * @param limit         longest time to wait for the backend's answer
     */
    BackendHandshake(HttpHeaders clientHeaders, List<String> offered, Duration limit) {
        this.clientHeaders = clientHeaders;
        this.offered = offered;
        this.limit = limit;
    }

    /** Headers of the backend's answer. */
    HttpHeaders responseHeaders() {
        return responseHeaders;
    }

    /** The subprotocol that the backend picked; null for none. */
    @Nullable String subprotocol() {
        return subprotocol;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof HttpRequest request) {
            replaceHeaders(request.headers());
            timeout = context.executor().schedule(() -> fail(context, ReadTimeoutException.INSTANCE),
                    limit.toMillis(), TimeUnit.MILLISECONDS);
        }
        var _ = context.write(message, promise);
    }

    /**
     * Replaces all headers by the client's headers and those of the handshake, and drops those that the HTTP client
     * added, such as Origin.
     */
    private void replaceHeaders(HttpHeaders headers) {
        HttpHeaders handshake = new DefaultHttpHeaders();
        for (CharSequence name : List.of(HttpHeaderNames.HOST, HttpHeaderNames.UPGRADE, HttpHeaderNames.CONNECTION,
                HttpHeaderNames.SEC_WEBSOCKET_KEY, HttpHeaderNames.SEC_WEBSOCKET_VERSION)) {
            handshake.add(name, headers.getAll(name));
        }
        if (clientHeaders.contains(HttpHeaderNames.HOST)) {
            // The route preserves the client's Host.
            handshake.remove(HttpHeaderNames.HOST);
        }
        headers.set(handshake).add(clientHeaders);
        if (!offered.isEmpty()) {
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, String.join(", ", offered));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (failed) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof HttpResponse response) {
            read(context, response);
        } else if (skipping && message instanceof LastHttpContent end) {
            skipping = false;
            end.release();
        } else {
            boolean end = accepted && message instanceof LastHttpContent;
            context.fireChannelRead(message);
            if (end) {
                context.pipeline().remove(this);
            }
        }
    }

    private void read(ChannelHandlerContext context, HttpResponse response) {
        int status = response.status().code();
        if (response.decoderResult().isFailure()) {
            refuse(context, response,
                    "The device backend answered the WebSocket handshake with something that is not HTTP.");
        } else if (status >= 100 && status < 200 && status != 101) {
            skipping = true;
            ReferenceCountUtil.release(response);
        } else if (status != 101) {
            refuse(context, response, "The device backend refused the WebSocket with status " + status + ".");
        } else if (response.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)) {
            refuse(context, response, "The device backend chose a WebSocket extension that was not offered.");
        } else if (!takeSubprotocol(response.headers())) {
            refuse(context, response, "The device backend chose a WebSocket subprotocol that was not offered.");
        } else {
            accepted = true;
            stopTimeout();
            responseHeaders = response.headers().copy();
            context.fireChannelRead(response);
        }
    }

    /** Checks the subprotocol and removes it from the answer, so that Netty does not check it again. */
    private boolean takeSubprotocol(HttpHeaders headers) {
        List<String> chosen = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream().map(String::strip)
                .toList();
        headers.remove(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        subprotocol = chosen.isEmpty() ? null : chosen.getFirst();
        return chosen.isEmpty() || (chosen.size() == 1 && offered.contains(chosen.getFirst()));
    }

    private void refuse(ChannelHandlerContext context, HttpResponse response, String detail) {
        ReferenceCountUtil.release(response);
        fail(context, new ForwardingException(DenyReason.BACKEND_FAILED, detail));
    }

    /** The connection can no longer be used: everything else that arrives on it is dropped. */
    private void fail(ChannelHandlerContext context, Exception failure) {
        failed = true;
        stopTimeout();
        context.fireExceptionCaught(failure);
        var _ = context.close();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.fireChannelReadComplete();
        if (!accepted && !failed) {
            // An interim response is not the answer, and no other handler requests more data.
            context.read();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stopTimeout();
        context.fireChannelInactive();
    }

    private void stopTimeout() {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }
}
