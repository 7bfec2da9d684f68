package dev.postern.protocol;

import dev.postern.access.CallsAnsweredHere;
import dev.postern.access.RequestTarget;
import dev.postern.access.TargetParser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.reactive.handler.AbstractHandlerMapping;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Maps calls on the public port to the dialects. It compares their paths with the target as the gate parses it, which
 * tolerates surplus slashes. Every call to the gate passes through here, so its target is parsed once for all dialects.
 */
public final class DialectMapping extends AbstractHandlerMapping implements CallsAnsweredHere {
    /** Before all other mappings, which handle the calls that belong to no dialect. */
    private static final int ORDER = Ordered.HIGHEST_PRECEDENCE;

    /** By the first segment of their paths: most calls are for no dialect, and one look-up shows that. */
    private final Map<String, List<Endpoint>> endpoints = new HashMap<>();

    DialectMapping(List<Endpoint> endpoints) {
        for (Endpoint endpoint : endpoints) {
            this.endpoints.computeIfAbsent(endpoint.firstSegment(), _ -> new ArrayList<>()).add(endpoint);
        }
        setOrder(ORDER);
    }

    /** Answers the calls of a dialect. All answers, including errors, have the format that its clients expect. */
    public interface Endpoint {
        /** The first segment of all its paths. */
        String firstSegment();

        /** Whether the dialect has a call at this path, which begins with {@link #firstSegment}. */
        boolean isAt(List<String> segments);

        /** Answers a call. */
        Mono<Void> handle(ServerWebExchange exchange, RequestTarget target);

        /**
         * Answers a call whose target is ambiguous.
         *
         * @param detail what is wrong with it, without repeating it
         */
        Mono<Void> refuse(ServerWebExchange exchange, String detail);
    }

    @Override
    protected Mono<?> getHandlerInternal(ServerWebExchange exchange) {
        if (!Objects.equals(exchange.getApplicationContext(), getApplicationContext())) {
            // The management port uses this mapping too, but must not serve the dialects.
            return Mono.empty();
        }
        HttpServerRequest nettyRequest = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
        return Mono.justOrEmpty(switch (TargetParser.parse(nettyRequest.uri())) {
            case RequestTarget.Parsed.Clear(var target) -> at(target.segments(),
                    endpoint -> handled -> endpoint.handle(handled, target));
            case RequestTarget.Parsed.Ambiguous(var detail) -> at(raw(nettyRequest.uri()),
                    endpoint -> handled -> endpoint.refuse(handled, detail));
        });
    }

    @Override
    public boolean contains(String raw, RequestTarget.Parsed target) {
        return find(switch (target) {
            case RequestTarget.Parsed.Clear(var clear) -> clear.segments();
            case RequestTarget.Parsed.Ambiguous _ -> raw(raw);
        }) != null;
    }

    private @Nullable WebHandler at(List<String> segments, Function<Endpoint, WebHandler> handler) {
        Endpoint endpoint = find(segments);
        return endpoint == null ? null : handler.apply(endpoint);
    }

    private @Nullable Endpoint find(List<String> segments) {
        List<Endpoint> possible = segments.isEmpty() ? null : endpoints.get(segments.getFirst());
        if (possible != null) {
            for (Endpoint endpoint : possible) {
                if (endpoint.isAt(segments)) {
                    return endpoint;
                }
            }
        }
        return null;
    }

    /** The unparsed path. It tells which dialect a call is meant for, even if the target is ambiguous. */
    private static List<String> raw(String target) {
        if (!target.startsWith("/")) {
            return List.of();
        }
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        return Arrays.stream(path.split("/", -1)).filter(segment -> !segment.isEmpty()).toList();
    }
}
