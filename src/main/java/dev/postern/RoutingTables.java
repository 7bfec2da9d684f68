package dev.postern;

import dev.postern.backend.BackendPools;
import dev.postern.backend.BackendSettings;
import dev.postern.backend.Backends;
import dev.postern.backend.ConnectionSettings;
import dev.postern.call.RoutingTable;
import dev.postern.catalog.ApiDefinition;
import dev.postern.catalog.BackendAddress;
import dev.postern.catalog.Catalog;
import dev.postern.proxy.ChainRoutes;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes routing tables of settings: one at the start, and one for each reload that changes something. */
final class RoutingTables {
    private final BackendPools pools;
    private final ChainRoutes chain;
    private final Optional<BackendAddress> sample;
    private final List<URI> operatorRoutes;
    private final Duration idleTimeout;

    /**
     * @param sample         the address of the sample backend, if it runs
     * @param operatorRoutes the backends of routes outside the catalogue
     * @param idleTimeout    that of the start: client connections use it, too, and keep it until the gate restarts
     */
    RoutingTables(BackendPools pools, ChainRoutes chain, Optional<BackendAddress> sample, List<URI> operatorRoutes,
            Duration idleTimeout) {
        this.pools = pools;
        this.chain = chain;
        this.sample = sample;
        this.operatorRoutes = List.copyOf(operatorRoutes);
        this.idleTimeout = idleTimeout;
    }

    /** What a routing table is made of. Two that are equal make the same table. */
    record Inputs(Map<String, ApiDefinition> apis, Optional<BackendAddress> common,
            Map<String, BackendSettings> backends, ConnectionSettings connections) {}

    /**
     * What a table is to be made of.
     *
     * @throws dev.postern.catalog.CatalogException if {@code postern.backend} is not an address
     * @throws IllegalArgumentException             if it is set while the sample backend runs: the keys of the sample
     *                                              account, which anybody can read, must not reach a real backend
     */
    Inputs inputs(PosternProperties properties) {
        Optional<BackendAddress> configured = Optional.ofNullable(properties.backend())
                .filter(address -> !address.isBlank())
                .map(address -> BackendAddress.parse("postern.backend", address));
        if (configured.isPresent() && sample.isPresent()) {
            throw new IllegalArgumentException(
                    "postern.backend: the gate runs with its sample backend and account; restart it to use another");
        }
        return new Inputs(properties.apis(), configured.or(() -> sample),
                properties.backends(), properties.forwarding().connections().withIdleTimeout(idleTimeout));
    }

    /**
     * Makes a table, and changes nothing.
     *
     * @throws RuntimeException if a setting is wrong; the message names it
     */
    RoutingTable build(Inputs inputs) {
        Catalog catalog = Catalog.compile(inputs.apis(), inputs.common());
        List<URI> addresses = new ArrayList<>(operatorRoutes);
        catalog.apis().forEach(api -> api.backend().map(BackendAddress::uri).ifPresent(addresses::add));
        Backends backends = pools.build(inputs.backends(), inputs.connections(), addresses);
        return new RoutingTable(catalog, backends, chain.of(catalog));
    }

    /** To be called before calls use the table. */
    void use(RoutingTable table) {
        pools.use(table.backends());
    }
}
