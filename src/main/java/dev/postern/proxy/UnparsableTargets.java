package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.telemetry.GateMeters;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.net.URI;
import java.net.URISyntaxException;
import org.reactivestreams.Publisher;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;

/**
 * Answers requests whose target is not a valid URI. The web framework would answer them with a bare 400 before any
 * filter sees them; here they get the same response as every ambiguous target, and are counted.
 */
final class UnparsableTargets implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory> {
    private final GateMeters meters;

    UnparsableTargets(GateMeters meters) {
        this.meters = meters;
    }

    @Override
    public void customize(NettyReactiveWebServerFactory factory) {
        factory.addRouteProviders(this::route);
    }

    private HttpServerRoutes route(HttpServerRoutes routes) {
        return routes.route(request -> !isUri(request), this::refuse);
    }

    private static boolean isUri(HttpServerRequest request) {
        String host = request.requestHeaders().get(HttpHeaderNames.HOST);
        if (isPlain(request.uri())
                && (host == null || (isPlain(host) && host.indexOf('/') < 0 && host.indexOf('?') < 0))) {
            return true;
        }
        try {
            URI uri = new URI("http://" + (host == null ? "localhost" : host) + "/");
            // The framework combines the two in the same way.
            return uri.getHost() != null && uri.getRawUserInfo() == null && "/".equals(uri.getRawPath())
                    && uri.getRawQuery() == null && new URI(request.uri()).toString() != null;
        } catch (URISyntaxException unparsable) {
            return false;
        }
    }

    /** Whether the text contains only characters that a URI may contain, as in almost every request. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '-' && c <= '9') || c == '_'
                    || c == '~' || c == '?' || c == '&' || c == '=' || c == ',' || c == ':';
            if (!plain) {
                return false;
            }
        }
        return true;
    }

    private Publisher<Void> refuse(HttpServerRequest request, HttpServerResponse response) {
        meters.denied(DenyReason.REQUEST_AMBIGUOUS, 0);
        return DenialWriter.write(response, new AccessDecision.Denied(DenyReason.REQUEST_AMBIGUOUS,
                "The request target, or the Host, is not a URI."), RequestId.next());
    }
}
