package dev.postern.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;

/**
 * Counters of what is counted elsewhere. Micrometer refers to what it reads so weakly that a method reference is gone with the
 * next garbage collection, and its counter stands still from then on; here it is held.
 */
final class Tallies {
    private final MeterRegistry registry;
    private final List<DoubleSupplier> held = new CopyOnWriteArrayList<>();

    Tallies(MeterRegistry registry) {
        this.registry = registry;
    }

    /** @param tags keys and values in turn */
    void watch(String name, String description, DoubleSupplier count, String... tags) {
        held.add(count);
        FunctionCounter.builder(name, count, DoubleSupplier::getAsDouble).description(description).tags(tags)
                .register(registry);
    }
}
