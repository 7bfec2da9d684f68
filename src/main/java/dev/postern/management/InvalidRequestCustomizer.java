package dev.postern.management;

import dev.postern.inbound.Refusal;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.Objects;
import org.reactivestreams.Publisher;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Answers requests to the management port that violate HTTP, before they reach any other code. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class InvalidRequestCustomizer implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory> {
    @Override
    public void customize(NettyReactiveWebServerFactory factory) {
        factory.addRouteProviders(routes -> routes.route(request -> Refusal.of(request) != null, this::refuse));
    }

    private Publisher<Void> refuse(HttpServerRequest request, HttpServerResponse response) {
        Refusal refusal = Objects.requireNonNull(Refusal.of(request));
        Problem problem = switch (refusal.reason().status()) {
            case 414 -> Problem.TARGET_TOO_LONG;
            case 426 -> Problem.UPGRADE_REFUSED;
            case 431 -> Problem.HEADERS_TOO_LARGE;
            case 505 -> Problem.HTTP_VERSION_UNSUPPORTED;
            default -> Problem.REQUEST_MALFORMED;
        };
        byte[] body = problem.body(refusal.detail());
        return response.status(problem.status())
                .header(HttpHeaderNames.CONTENT_TYPE, "application/problem+json")
                .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length))
                .sendByteArray(Mono.just(body)).then();
    }
}
