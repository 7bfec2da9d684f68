package dev.postern.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/**
 * Registers counters whose values are counted elsewhere. Micrometer keeps only a weak reference to the source of such a
 * counter, so a method reference would disappear with the next garbage collection and the counter would stop. This
 * class holds a strong reference.
 */
final class FunctionCounters {
    private final MeterRegistry registry;
    private final Map<Meter.Id, DoubleSupplier> held = new ConcurrentHashMap<>();

    FunctionCounters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** @param tags alternating keys and values */
    void watch(String name, String description, DoubleSupplier count, String... tags) {
        held.put(FunctionCounter.builder(name, count, DoubleSupplier::getAsDouble).description(description).tags(tags)
                .register(registry).getId(), count);
    }

    void forget(Meter.Id counter) {
        held.remove(counter);
    }
}
