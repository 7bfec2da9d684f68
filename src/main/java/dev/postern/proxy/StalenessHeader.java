package dev.postern.proxy;

import dev.postern.store.CacheSettings;
import dev.postern.store.ChangeView;
import java.util.Locale;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Adds a header to each reply, if the operator has enabled it, with the number of seconds by which the decision may
 * have been behind Redis.
 */
final class StalenessHeader {
    private static final double MILLIS_PER_SECOND = 1000;
    static final String NAME = "X-Postern-Staleness";

    private final ChangeView view;
    private final boolean wanted;

    StalenessHeader(ChangeView view, CacheSettings settings) {
        this.view = view;
        this.wanted = settings.responseHeader();
    }

    void addTo(ServerWebExchange exchange) {
        if (wanted) {
            String value = value();
            exchange.getResponse().beforeCommit(() -> {
                exchange.getResponse().getHeaders().set(NAME, value);
                return Mono.empty();
            });
        }
    }

    void addTo(HttpServerResponse response) {
        if (wanted) {
            response.header(NAME, value());
        }
    }

    private String value() {
        return String.format(Locale.ROOT, "%.3f; %s", view.staleness().toMillis() / MILLIS_PER_SECOND,
                view.state().word());
    }
}
