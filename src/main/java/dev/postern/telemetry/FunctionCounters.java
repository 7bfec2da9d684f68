package dev.postern.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;

/**
 * Registers counters whose values are counted elsewhere. Micrometer keeps only a weak reference to the source of such a
 * counter, so a method reference would disappear with the next garbage collection and the counter would stop. This
 * class holds a strong reference.
 */
final class FunctionCounters {
    private final MeterRegistry registry;
    private final List<DoubleSupplier> held = new CopyOnWriteArrayList<>();

    FunctionCounters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** @param tags alternating keys and values */
    void watch(String name, String description, DoubleSupplier count, String... tags) {
        held.add(count);
        FunctionCounter.builder(name, count, DoubleSupplier::getAsDouble).description(description).tags(tags)
                .register(registry);
    }
}
