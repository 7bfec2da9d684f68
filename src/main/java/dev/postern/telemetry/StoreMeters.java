package dev.postern.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/** What is measured of Redis, and of what a gate remembers of it. */
public final class StoreMeters {
    /** Commands that wait for Redis. */
    public static final String IN_FLIGHT = "postern.store.commands.in.flight";
    /** Commands that Redis did not answer, or refused. */
    public static final String FAILURES = "postern.store.failures";
    /** How often a record was needed that this gate cannot read. */
    public static final String UNREADABLE = "postern.store.records.unreadable";
    /** 1 while the connection to Redis is open. */
    public static final String CONNECTED = "postern.store.connected";
    /** Commands of management that wait for Redis, on their own connection. */
    public static final String MANAGEMENT_IN_FLIGHT = "postern.store.management.commands.in.flight";
    /** Commands of management that Redis did not answer, or refused. */
    public static final String MANAGEMENT_FAILURES = "postern.store.management.failures";
    /** 1 while the connection of management to Redis is open. */
    public static final String MANAGEMENT_CONNECTED = "postern.store.management.connected";
    /** 1 for the {@code state} (live, suspect, down) in which the gate is, and 0 for the others. */
    public static final String STATE = "postern.store.state";
    /** By how many seconds decisions may be behind Redis. */
    public static final String STALENESS_BOUND = "postern.staleness.bound";
    /** Changes that wait until the log of changes can be reached. */
    public static final String UNSENT = "postern.changes.unsent";
    /** How often changes may have been missed, so that all that was remembered had to be read again. */
    public static final String GAPS = "postern.changes.gaps";
    /** Answers that were given before all replicas of Redis were known to have what was changed. */
    public static final String UNCONFIRMED = "postern.replicas.unconfirmed";
    /** Records that are remembered. */
    public static final String CACHE_ENTRIES = "postern.cache.entries";
    /** What they are thought to take, in bytes. */
    public static final String CACHE_SIZE = "postern.cache.size";
    /** Records that were looked for among those remembered, by {@code result} (hit, miss). */
    public static final String CACHE_LOOKUPS = "postern.cache.lookups";

    private final MeterRegistry registry;
    private final Tallies tallies;

    public StoreMeters(MeterRegistry registry) {
        this.registry = registry;
        this.tallies = new Tallies(registry);
    }

    /** Watches the connection. */
    public void watchConnection(Supplier<Number> inFlight, DoubleSupplier failures, DoubleSupplier unreadable,
            BooleanSupplier connected) {
        Gauge.builder(IN_FLIGHT, inFlight).description("Commands that wait for Redis").register(registry);
        Gauge.builder(CONNECTED, () -> connected.getAsBoolean() ? 1 : 0)
                .description("1 while the connection to Redis is open").register(registry);
        tallies.watch(UNREADABLE, "How often a record was needed that this gate cannot read", unreadable);
        tallies.watch(FAILURES, "Commands that Redis did not answer, or refused", failures);
    }

    /** Watches the connection of management. */
    public void watchManagement(Supplier<Number> inFlight, DoubleSupplier failures, BooleanSupplier connected) {
        Gauge.builder(MANAGEMENT_IN_FLIGHT, inFlight).description("Commands of management that wait for Redis")
                .register(registry);
        Gauge.builder(MANAGEMENT_CONNECTED, () -> connected.getAsBoolean() ? 1 : 0)
                .description("1 while the connection of management to Redis is open").register(registry);
        tallies.watch(MANAGEMENT_FAILURES, "Commands of management that Redis did not answer, or refused", failures);
    }

    /** Watches whether the gate is in a state. */
    public void watchState(String state, BooleanSupplier present) {
        Gauge.builder(STATE, () -> present.getAsBoolean() ? 1 : 0).tag("state", state)
                .description("1 for the state in which the gate is").register(registry);
    }

    /** Watches what is heard of changes. */
    public void watchChanges(Supplier<Number> stalenessSeconds, Supplier<Number> unsent, DoubleSupplier gaps) {
        Gauge.builder(STALENESS_BOUND, stalenessSeconds).baseUnit("seconds")
                .description("By how much decisions may be behind Redis").register(registry);
        Gauge.builder(UNSENT, unsent).description("Changes that wait until the log of changes can be reached")
                .register(registry);
        tallies.watch(GAPS, "How often changes may have been missed", gaps);
    }

    /** Watches whether replicas have what was changed. */
    public void watchReplicas(DoubleSupplier unconfirmed) {
        tallies.watch(UNCONFIRMED, "Answers given before all replicas were known to have what was changed",
                unconfirmed);
    }

    /** Watches the records that are remembered. */
    public void watchCache(Supplier<Number> entries, Supplier<Number> bytes, DoubleSupplier hits,
            DoubleSupplier misses) {
        Gauge.builder(CACHE_ENTRIES, entries).description("Records that are remembered").register(registry);
        Gauge.builder(CACHE_SIZE, bytes).baseUnit("bytes").description("What they are thought to take")
                .register(registry);
        watchLookups("hit", hits);
        watchLookups("miss", misses);
    }

    private void watchLookups(String result, DoubleSupplier count) {
        tallies.watch(CACHE_LOOKUPS, "Records that were looked for among those remembered", count, "result", result);
    }
}
