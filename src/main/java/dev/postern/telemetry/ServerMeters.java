package dev.postern.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** The meters of the public port: its connections, their bytes, and its event loops. */
public final class ServerMeters {
    /** Bytes on the connections of clients, with TLS as encrypted, by {@code direction} (received, sent). */
    private static final String BYTES = "postern.client.bytes";
    /** Open connections of clients. */
    private static final String CONNECTIONS = "postern.client.connections";
    /** How late the event loops began a task that was due. */
    private static final String LAG = "postern.event.loop.lag";
    private static final Duration SHORTEST = Duration.ofNanos(100_000);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final MeterRegistry registry;
    private final FunctionCounters functionCounters;

    public ServerMeters(MeterRegistry registry) {
        this.registry = registry;
        this.functionCounters = new FunctionCounters(registry);
    }

    /** Registers the meters of the connections of clients. */
    public void watchConnections(Supplier<Number> open, DoubleSupplier received, DoubleSupplier sent) {
        Gauge.builder(CONNECTIONS, open).description("Open connections of clients").register(registry);
        watchBytes("received", received);
        watchBytes("sent", sent);
    }

    private void watchBytes(String direction, DoubleSupplier count) {
        functionCounters.watch(BYTES, "Bytes on the connections of clients", count, "direction", direction);
    }

    /** Registers the timer of the event loops. It accepts nanoseconds. */
    public LongConsumer lag() {
        Timer timer = Timer.builder(LAG).description("How late the event loops began a task that was due")
                .publishPercentileHistogram().minimumExpectedValue(SHORTEST).maximumExpectedValue(LONGEST)
                .register(registry);
        return nanos -> timer.record(nanos, TimeUnit.NANOSECONDS);
    }
}
