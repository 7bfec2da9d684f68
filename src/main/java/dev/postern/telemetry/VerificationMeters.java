package dev.postern.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** How long it takes to verify credentials that are not in memory. */
public final class VerificationMeters {
    /** Time of a verification by {@code kind}, including what it reads from Redis and its wait for a worker. */
    private static final String VERIFICATION = "postern.verification.time";
    private static final Duration SHORTEST = Duration.ofNanos(10_000);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final MeterRegistry registry;
    private final Map<String, Timer> timers = new ConcurrentHashMap<>();

    public VerificationMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * Records one verification.
     *
     * @param kind a word of the gate, never of a caller
     */
    public void verified(String kind, long nanos) {
        timers.computeIfAbsent(kind, key -> Timer.builder(VERIFICATION)
                .description("Time to verify a credential that is not in memory").tag("kind", key)
                .publishPercentileHistogram().minimumExpectedValue(SHORTEST).maximumExpectedValue(LONGEST)
                .register(registry)).record(nanos, TimeUnit.NANOSECONDS);
    }
}
