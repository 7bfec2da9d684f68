package dev.postern.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** The meters of Redis and of the gate's caches of its records. */
public final class StoreMeters {
    /** Commands that are waiting for Redis. */
    private static final String IN_FLIGHT = "postern.store.commands.in.flight";
    /** Commands that Redis did not answer or refused. */
    static final String FAILURES = "postern.store.failures";
    /** How often this gate could not read a record that it needed. */
    private static final String UNREADABLE = "postern.store.records.unreadable";
    /** 1 while the connection to Redis is open. */
    private static final String CONNECTED = "postern.store.connected";
    /** Commands of the management API that are waiting for Redis, on their own connection. */
    private static final String MANAGEMENT_IN_FLIGHT = "postern.store.management.commands.in.flight";
    /** Commands of the management API that Redis did not answer or refused. */
    private static final String MANAGEMENT_FAILURES = "postern.store.management.failures";
    /** 1 while the connection of the management API to Redis is open. */
    private static final String MANAGEMENT_CONNECTED = "postern.store.management.connected";
    /** 1 for the current {@code state} of the gate (live, suspect, down), and 0 for the others. */
    private static final String STATE = "postern.store.state";
    /** The number of seconds by which decisions may be behind Redis. */
    private static final String STALENESS_BOUND = "postern.staleness.bound";
    /** Changes that are waiting until the change log is reachable. */
    private static final String UNSENT = "postern.changes.unsent";
    /** How often changes may have been missed, so that all cached records had to be read again. */
    private static final String GAPS = "postern.changes.gaps";
    /** Answers that were given before all replicas of Redis had confirmed the change. */
    private static final String UNCONFIRMED = "postern.replicas.unconfirmed";
    /** Records in the cache. */
    private static final String CACHE_ENTRIES = "postern.cache.entries";
    /** Their estimated size in bytes. */
    private static final String CACHE_SIZE = "postern.cache.size";
    /** Reads of records from Redis, for the cache. */
    private static final String CACHE_LOADS = "postern.cache.loads";
    /** Time from sending a command to its reply, by {@code connection} (decisions, management). */
    private static final String COMMAND_TIME = "postern.store.command.time";
    /** Lookups in the cache of records, by {@code result} (hit, miss). */
    private static final String CACHE_LOOKUPS = "postern.cache.lookups";

    private static final Duration SHORTEST = Duration.ofNanos(10_000);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final MeterRegistry registry;
    private final FunctionCounters functionCounters;

    public StoreMeters(MeterRegistry registry) {
        this.registry = registry;
        this.functionCounters = new FunctionCounters(registry);
    }

    /** Registers the meters of the connection. */
    public void watchConnection(Supplier<Number> inFlight, DoubleSupplier failures, DoubleSupplier unreadable,
            BooleanSupplier connected) {
        Gauge.builder(IN_FLIGHT, inFlight).description("Commands that are waiting for Redis").register(registry);
        Gauge.builder(CONNECTED, () -> connected.getAsBoolean() ? 1 : 0)
                .description("1 while the connection to Redis is open").register(registry);
        functionCounters.watch(UNREADABLE, "How often this gate could not read a record that it needed", unreadable);
        functionCounters.watch(FAILURES, "Commands that Redis did not answer or refused", failures);
    }

    /** Registers the timer of the commands of one connection. It accepts nanoseconds. */
    public LongConsumer commandTime(String connection) {
        Timer timer = Timer.builder(COMMAND_TIME).description("Time from sending a command to its reply")
                .tag("connection", connection).publishPercentileHistogram().minimumExpectedValue(SHORTEST)
                .maximumExpectedValue(LONGEST).register(registry);
        return nanos -> timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Registers the meters of the management API's connection. */
    public void watchManagement(Supplier<Number> inFlight, DoubleSupplier failures, BooleanSupplier connected) {
        Gauge.builder(MANAGEMENT_IN_FLIGHT, inFlight)
                .description("Commands of the management API that are waiting for Redis")
                .register(registry);
        Gauge.builder(MANAGEMENT_CONNECTED, () -> connected.getAsBoolean() ? 1 : 0)
                .description("1 while the connection of the management API to Redis is open").register(registry);
        functionCounters.watch(MANAGEMENT_FAILURES,
                "Commands of the management API that Redis did not answer or refused", failures);
    }

    /** Registers the meter of one state of the gate. */
    public void watchState(String state, BooleanSupplier present) {
        Gauge.builder(STATE, () -> present.getAsBoolean() ? 1 : 0).tag("state", state)
                .description("1 for the current state of the gate").register(registry);
    }

    /** Registers the meters of the change log. */
    public void watchChanges(Supplier<Number> stalenessSeconds, Supplier<Number> unsent, DoubleSupplier gaps) {
        Gauge.builder(STALENESS_BOUND, stalenessSeconds).baseUnit("seconds")
                .description("The time by which decisions may be behind Redis").register(registry);
        Gauge.builder(UNSENT, unsent).description("Changes that are waiting until the change log is reachable")
                .register(registry);
        functionCounters.watch(GAPS, "How often changes may have been missed", gaps);
    }

    /** Registers the meter of unconfirmed changes. */
    public void watchReplicas(DoubleSupplier unconfirmed) {
        functionCounters.watch(UNCONFIRMED, "Answers given before all replicas had confirmed the change",
                unconfirmed);
    }

    /** Registers the meters of the cache of records. */
    public void watchCache(Supplier<Number> entries, Supplier<Number> bytes, DoubleSupplier hits,
            DoubleSupplier misses, DoubleSupplier loads) {
        Gauge.builder(CACHE_ENTRIES, entries).description("Records in the cache").register(registry);
        Gauge.builder(CACHE_SIZE, bytes).baseUnit("bytes").description("Estimated size of the records in the cache")
                .register(registry);
        watchLookups("hit", hits);
        watchLookups("miss", misses);
        functionCounters.watch(CACHE_LOADS, "Reads of records from Redis, for the cache", loads);
    }

    private void watchLookups(String result, DoubleSupplier count) {
        functionCounters.watch(CACHE_LOOKUPS, "Lookups in the cache of records", count, "result", result);
    }
}
