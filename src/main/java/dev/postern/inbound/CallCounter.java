package dev.postern.inbound;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts requests as they are read, before they are queued, and drops those that follow a request with
 * {@code Connection: close}. The server would apply the close to the response that is being written and lose the
 * requests queued behind it, so {@link CloseAfterLastAnswer} closes the connection instead.
 */
final class CallCounter extends ChannelInboundHandlerAdapter {
    private final OpenCalls calls;
    private boolean lastWasRead;
    private boolean behindTheLast;

    CallCounter(OpenCalls calls) {
        this.calls = calls;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request) {
            behindTheLast = lastWasRead;
            if (!behindTheLast) {
                calls.opened();
                if (!HttpUtil.isKeepAlive(request)) {
                    lastWasRead = true;
                    calls.end();
                    keepAlive(request);
                }
            }
        }
        if (behindTheLast) {
            ReferenceCountUtil.release(message);
        } else {
            context.fireChannelRead(message);
        }
    }

    /** The other options remain: they name headers that must not reach the backend. */
    private static void keepAlive(HttpRequest request) {
        List<String> options = new ArrayList<>();
        for (String line : request.headers().getAll(HttpHeaderNames.CONNECTION)) {
            for (String option : line.split(",", -1)) {
                if (!HttpHeaderValues.CLOSE.contentEqualsIgnoreCase(option.strip())) {
                    options.add(option.strip());
                }
            }
        }
        if (!request.protocolVersion().isKeepAliveDefault()) {
            options.add(HttpHeaderValues.KEEP_ALIVE.toString());
        }
        if (options.isEmpty()) {
            request.headers().remove(HttpHeaderNames.CONNECTION);
        } else {
            request.headers().set(HttpHeaderNames.CONNECTION, String.join(", ", options));
        }
    }
}
