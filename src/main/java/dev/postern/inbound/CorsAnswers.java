package dev.postern.inbound;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import org.jspecify.annotations.Nullable;

/**
 * Adds CORS headers to every response, whether it comes from a backend, a dialect or the gate itself. CORS headers from
 * backends are removed, so that there is only one policy.
 */
final class CorsAnswers extends ChannelDuplexHandler {
    private final CorsSettings settings;
    private @Nullable String origin;
    private boolean preflight;

    CorsAnswers(CorsSettings settings) {
        this.settings = settings;
    }

    static boolean isPreflight(HttpMethod method, HttpHeaders headers) {
        return method.equals(HttpMethod.OPTIONS) && headers.contains(HttpHeaderNames.ORIGIN)
                && headers.contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request) {
            origin = request.headers().get(HttpHeaderNames.ORIGIN);
            preflight = isPreflight(request.method(), request.headers());
        }
        context.fireChannelRead(message);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse response
                && response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            HttpHeaders headers = response.headers();
            CorsSettings.HEADERS.forEach(headers::remove);
            if (!settings.allowsAny()) {
                // A cache must not serve one page a response that only another page may read.
                headers.add(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
            }
            String asking = origin;
            if (asking != null && settings.allows(asking)) {
                allow(asking, headers);
            }
        }
        context.write(message, promise);
    }

    private void allow(String asking, HttpHeaders headers) {
        headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, settings.allowsAny() ? "*" : asking);
        if (settings.allowCredentials()) {
            headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        if (preflight) {
            headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, String.join(", ", settings.allowedMethods()));
            headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, String.join(", ", settings.allowedHeaders()));
            headers.set(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, Long.toString(settings.maxAge().toSeconds()));
        } else if (!settings.exposedHeaders().isEmpty()) {
            headers.set(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, String.join(", ", settings.exposedHeaders()));
        }
    }
}
