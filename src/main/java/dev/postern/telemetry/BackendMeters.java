package dev.postern.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/** Meters of the connections to backends. The tag {@code backend} is the name or address from the configuration. */
public final class BackendMeters {
    /** Calls that use a backend now, by {@code backend} and {@code kind} (call, stream). */
    private static final String ACTIVE = "postern.backend.active";
    /** Calls that wait for a backend now, by {@code backend} and {@code kind}. */
    private static final String WAITING = "postern.backend.waiting";
    /** Calls that did not get a connection in time, by {@code backend} and {@code kind}. */
    private static final String REFUSED = "postern.backend.refused";
    /** Connections that were closed instead of being reused, by {@code backend} and {@code why}. */
    private static final String DISCARDED = "postern.backend.connections.discarded";
    /** Calls that were sent again because their connection had been closed, by {@code backend}. */
    private static final String RETRIED = "postern.backend.retried";

    /** Connections that are open, except those of WebSockets, by {@code backend}. */
    private static final String CONNECTIONS = "postern.backend.connections";

    private static final Set<String> OF_ONE = Set.of(ACTIVE, WAITING, REFUSED, DISCARDED, RETRIED, CONNECTIONS);

    private final MeterRegistry registry;
    private final FunctionCounters functionCounters;
    private final Map<Discarded, Counter> discarded = new ConcurrentHashMap<>();
    private final Map<String, Counter> retried = new ConcurrentHashMap<>();

    private record Discarded(String backend, String why) {}

    public BackendMeters(MeterRegistry registry) {
        this.registry = registry;
        this.functionCounters = new FunctionCounters(registry);
    }

    /** Registers the meters for calls of this kind. */
    public void watch(String backend, String kind, Supplier<Number> active, Supplier<Number> waiting,
            DoubleSupplier refused) {
        Gauge.builder(ACTIVE, active).description("Calls that use a backend now").tag("backend", backend)
                .tag("kind", kind).register(registry);
        Gauge.builder(WAITING, waiting).description("Calls that wait for a backend now").tag("backend", backend)
                .tag("kind", kind).register(registry);
        functionCounters.watch(REFUSED, "Calls that did not get a connection to their backend in time", refused,
                "backend", backend,
                "kind", kind);
    }

    /** Registers the meter of the open connections. */
    public void watchConnections(String backend, Supplier<Number> open) {
        Gauge.builder(CONNECTIONS, open).description("Connections to a backend that are open, except for WebSockets")
                .tag("backend", backend).register(registry);
    }

    /** Removes the meters of a backend that a reload has removed. */
    public void forget(String backend) {
        registry.getMeters().stream()
                .filter(meter -> OF_ONE.contains(meter.getId().getName())
                        && backend.equals(meter.getId().getTag("backend")))
                .forEach(registry::remove);
        discarded.keySet().removeIf(key -> key.backend().equals(backend));
        retried.remove(backend);
    }

    /** Counts a connection that was closed instead of being reused. */
    public void discarded(String backend, String why) {
        discarded.computeIfAbsent(new Discarded(backend, why), key -> Counter.builder(DISCARDED)
                .description("Connections that were closed instead of being reused").tag("backend", key.backend())
                .tag("why", key.why()).register(registry)).increment();
    }

    /** Counts a call that was sent again. */
    public void retried(String backend) {
        retried.computeIfAbsent(backend, key -> Counter.builder(RETRIED)
                .description("Calls that were sent again because their connection had been closed")
                .tag("backend", key).register(registry)).increment();
    }
}
