package dev.postern.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Meters of the configuration that can be reloaded. */
public final class ReloadMeters {
    /** Reloads, by {@code outcome} (changed, unchanged, refused). */
    private static final String RELOADS = "postern.config.reloads";
    /** 0 if the last reload was refused. */
    private static final String SUCCESSFUL = "postern.config.last.reload.successful";
    /** When the configuration in use was loaded, in seconds since 1970. */
    private static final String LOADED = "postern.config.loaded.timestamp.seconds";

    private final Map<String, Counter> reloads;
    private volatile int successful = 1;
    private volatile double loaded;

    public ReloadMeters(MeterRegistry registry) {
        reloads = Stream.of("changed", "unchanged", "refused").collect(Collectors.toMap(Function.identity(),
                outcome -> Counter.builder(RELOADS).description("Reloads of the configuration").tag("outcome", outcome)
                        .register(registry)));
        Gauge.builder(SUCCESSFUL, () -> successful).description("0 if the last reload was refused").register(registry);
        Gauge.builder(LOADED, () -> loaded).description("When the configuration in use was loaded").register(registry);
    }

    /** Counts a reload. */
    public void reloaded(String outcome, boolean succeeded) {
        Counter counter = reloads.get(outcome);
        if (counter != null) {
            counter.increment();
        }
        successful = succeeded ? 1 : 0;
    }

    /** Notes when the configuration in use was loaded. */
    public void loaded(Instant time) {
        loaded = time.toEpochMilli() / 1000.0;
    }
}
