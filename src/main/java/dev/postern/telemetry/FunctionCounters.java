package dev.postern.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.DoubleSupplier;

/** Registers counters whose values are counted elsewhere. */
final class FunctionCounters {
    private final MeterRegistry registry;

    FunctionCounters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** @param tags alternating keys and values */
    void watch(String name, String description, DoubleSupplier count, String... tags) {
        // Micrometer holds the object of such a counter weakly, and its function strongly. A method reference as the
        // object would disappear with the next garbage collection, and the counter would stop.
        FunctionCounter.builder(name, registry, _ -> count.getAsDouble()).description(description).tags(tags)
                .register(registry);
    }
}
