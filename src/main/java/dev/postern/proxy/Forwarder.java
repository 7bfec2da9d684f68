package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import dev.postern.catalog.Reading;
import dev.postern.telemetry.GateMeters;
import java.net.URI;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.RequestPath;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.util.UriComponentsBuilder;
import reactor.core.publisher.Mono;

/** Hands an allowed call on, rebuilt from what was understood of it, and answers for a backend that does not. */
final class Forwarder {
    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);

    private final GateMeters meters;

    Forwarder(GateMeters meters) {
        this.meters = meters;
    }

    Mono<Void> forward(ServerWebExchange exchange, GatewayFilterChain chain, AccessContext context,
            Reading.Read read) {
        ApiId api = read.request().api();
        if (!CatalogRoutes.hasBackend(exchange)) {
            return answerFor(exchange, context, api, DenyReason.BACKEND_NOT_CONFIGURED);
        }
        long start = System.nanoTime();
        exchange.getResponse().beforeCommit(() -> {
            meters.answered(api, System.nanoTime() - start);
            return Mono.empty();
        });
        ServerHttpRequest rebuilt = new RebuiltRequest(exchange.getRequest(), read);
        return chain.filter(exchange.mutate().request(rebuilt).build())
                .onErrorResume(failure -> answerFor(exchange, context, api, failure));
    }

    private Mono<Void> answerFor(ServerWebExchange exchange, AccessContext context, ApiId api, Throwable failure) {
        DenyReason reason = BackendFailures.reason(failure);
        if (reason == DenyReason.INTERNAL_ERROR) {
            LOG.error("{} failed on its way to the backend", context.requestId(), failure);
        } else {
            LOG.debug("{} {}", context.requestId(), reason.word(), failure);
        }
        if (exchange.getResponse().isCommitted()) {
            // Half an answer cannot be taken back: the error ends the connection, so that the client notices.
            meters.failed(api, reason);
            return Mono.error(failure);
        }
        return answerFor(exchange, context, api, reason);
    }

    private Mono<Void> answerFor(ServerWebExchange exchange, AccessContext context, ApiId api, DenyReason reason) {
        meters.failed(api, reason);
        return DenialWriter.write(exchange, new AccessDecision.Denied(reason), Set.of(), context.requestId());
    }

    /** The client's request with the path, query and headers that the gate made of it. */
    private static final class RebuiltRequest extends ServerHttpRequestDecorator {
        private final URI uri;
        private final HttpHeaders headers;

        RebuiltRequest(ServerHttpRequest client, Reading.Read read) {
            super(client);
            URI present = client.getURI();
            this.uri = URI.create(present.getScheme() + "://" + present.getRawAuthority() + read.path()
                    + (read.query().isEmpty() ? "" : "?" + read.query()));
            this.headers = BackendHeaders.ofClient(client.getHeaders(), read.idHeaders());
        }

        @Override
        public URI getURI() {
            return uri;
        }

        @Override
        public RequestPath getPath() {
            return RequestPath.parse(uri.getRawPath(), null);
        }

        @Override
        public MultiValueMap<String, String> getQueryParams() {
            return UriComponentsBuilder.fromUri(uri).build().getQueryParams();
        }

        @Override
        public HttpHeaders getHeaders() {
            return headers;
        }
    }
}
