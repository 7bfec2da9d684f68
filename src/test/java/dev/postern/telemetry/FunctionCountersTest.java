package dev.postern.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class FunctionCountersTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LongAdder count = new LongAdder();

    @Test
    void surviveAGarbageCollection() {
        // Nothing but the registry holds the counter.
        new StoreMeters(registry).watchConnection(() -> 0, count::sum, () -> 0, () -> true);
        count.increment();

        WeakReference<Object> garbage = new WeakReference<>(new Object());
        await().until(() -> {
            System.gc();
            return garbage.get() == null;
        });
        count.increment();

        assertThat(registry.get(StoreMeters.FAILURES).functionCounter().count()).isEqualTo(2);
    }
}
