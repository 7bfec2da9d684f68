package dev.postern.protocol.onenet;

import dev.postern.access.RequestTarget;
import dev.postern.access.TargetParser;
import dev.postern.credential.ApiKeys;
import dev.postern.credential.Authenticator;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.reactive.handler.AbstractHandlerMapping;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/** Puts {@code /keys} on the public port. */
@Configuration(proxyBeanMethods = false)
public class OneNetConfiguration {
    /** What is meant for {@code /keys}, however doubtful the rest of it is: its clients read nothing but its own replies. */
    private static final Pattern KEYS = Pattern.compile("^/+keys([/?]|$)");
    /** Before the gateway's own mapping. */
    private static final int ORDER = 0;

    @Bean
    KeysMapping keysMapping(Authenticator authenticator, ApiKeys apiKeys, OneNetSettings settings) {
        return new KeysMapping(new KeysEndpoint(authenticator, apiKeys, settings));
    }

    /** Finds {@code /keys} in the target as the gate reads it: with slashes too many, and a key raw or encoded. */
    static final class KeysMapping extends AbstractHandlerMapping {
        private final KeysEndpoint endpoint;

        KeysMapping(KeysEndpoint endpoint) {
            this.endpoint = endpoint;
            setOrder(ORDER);
        }

        @Override
        protected Mono<?> getHandlerInternal(ServerWebExchange exchange) {
            HttpServerRequest nettyRequest = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
            return switch (TargetParser.parse(nettyRequest.uri())) {
                case RequestTarget.Parsed.Clear(var target) when isKeys(target.segments()) -> Mono
                        .just((WebHandler) handled -> endpoint.handle(handled, target));
                case RequestTarget.Parsed.Ambiguous(var detail) when KEYS.matcher(nettyRequest.uri()).find() -> Mono
                        .just((WebHandler) handled -> endpoint.refuse(handled, detail));
                case RequestTarget.Parsed.Clear _,RequestTarget.Parsed.Ambiguous _ -> Mono.empty();
            };
        }

        private static boolean isKeys(List<String> segments) {
            return !segments.isEmpty() && segments.getFirst().equals("keys");
        }
    }
}
