package dev.postern.protocol;

import dev.postern.access.RequestTarget;
import dev.postern.access.TargetParser;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.reactive.handler.AbstractHandlerMapping;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/** Puts the calls of a dialect on the public port: finds them in the target as the gate reads it, with slashes too many. */
public final class DialectMapping extends AbstractHandlerMapping {
    /** Before the gateway's own mapping. */
    private static final int ORDER = 0;

    private final Endpoint endpoint;

    public DialectMapping(Endpoint endpoint) {
        this.endpoint = endpoint;
        setOrder(ORDER);
    }

    /** Answers the calls of a dialect, whatever happens, in the form that its clients read. */
    public interface Endpoint {
        /** Whether the dialect has a call at this path. */
        boolean isAt(List<String> segments);

        /** Answers a call. */
        Mono<Void> handle(ServerWebExchange exchange, RequestTarget target);

        /**
         * Answers a call whose target is in doubt.
         *
         * @param detail what is wrong with it, without repeating it
         */
        Mono<Void> refuse(ServerWebExchange exchange, String detail);
    }

    @Override
    protected Mono<?> getHandlerInternal(ServerWebExchange exchange) {
        if (!Objects.equals(exchange.getApplicationContext(), getApplicationContext())) {
            // The management port looks for handlers here too, and has none of these.
            return Mono.empty();
        }
        HttpServerRequest nettyRequest = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
        return switch (TargetParser.parse(nettyRequest.uri())) {
            case RequestTarget.Parsed.Clear(var target) when endpoint.isAt(target.segments()) -> Mono
                    .just((WebHandler) handled -> endpoint.handle(handled, target));
            case RequestTarget.Parsed.Ambiguous(var detail) when endpoint.isAt(raw(nettyRequest.uri())) -> Mono
                    .just((WebHandler) handled -> endpoint.refuse(handled, detail));
            case RequestTarget.Parsed.Clear _,RequestTarget.Parsed.Ambiguous _ -> Mono.empty();
        };
    }

    /** The path as it stands there: what is meant for a dialect, however doubtful the rest of it is. */
    private static List<String> raw(String target) {
        if (!target.startsWith("/")) {
            return List.of();
        }
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        return Arrays.stream(path.split("/", -1)).filter(segment -> !segment.isEmpty()).toList();
    }
}
