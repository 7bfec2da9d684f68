package dev.postern.call;

import dev.postern.access.ApiId;
import dev.postern.backend.Backend;
import dev.postern.backend.Backends;
import dev.postern.catalog.BackendAddress;
import dev.postern.catalog.Catalog;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;

/**
 * One version of the configuration of calls: the catalogue, the backend of each API, and its route on the chain. A call
 * keeps the version that it was read with until its end. Immutable.
 */
public final class RoutingTable {
    private final Catalog catalog;
    private final Backends backends;
    private final Map<ApiId, Route> routes;
    private final Map<ApiId, Destination> destinations = new HashMap<>();

    /**
     * A backend.
     *
     * @param host the value of {@code Host}
     */
    public record Destination(Backend backend, byte[] host) {}

    /** @param routes the route of each API on the chain */
    public RoutingTable(Catalog catalog, Backends backends, Map<ApiId, Route> routes) {
        this.catalog = catalog;
        this.backends = backends;
        this.routes = Map.copyOf(routes);
        catalog.apis().forEach(api -> api.backend().map(BackendAddress::uri)
                .ifPresent(address -> destinations.put(api.id(), new Destination(backends.at(address),
                        address.getRawAuthority().getBytes(StandardCharsets.US_ASCII)))));
    }

    public Catalog catalog() {
        return catalog;
    }

    public Backends backends() {
        return backends;
    }

    /** The backend of an API; null if it has none. */
    public @Nullable Destination destination(ApiId api) {
        return destinations.get(api);
    }

    /** The route of an API on the chain; null if there is no such API. */
    public @Nullable Route route(ApiId api) {
        return routes.get(api);
    }
}
