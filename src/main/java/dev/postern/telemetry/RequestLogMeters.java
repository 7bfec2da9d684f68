package dev.postern.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/** Meters of the request log. */
public final class RequestLogMeters {
    private static final String WAITING = "postern.request.log.waiting";
    private static final String DROPPED = "postern.request.log.dropped";

    /**
     * @param waiting lines that wait to be written
     * @param dropped lines that were not written
     */
    public RequestLogMeters(MeterRegistry registry, Supplier<Number> waiting, DoubleSupplier dropped) {
        Gauge.builder(WAITING, waiting).description("Lines of the request log that wait to be written")
                .register(registry);
        new FunctionCounters(registry).watch(DROPPED, "Lines of the request log that were not written", dropped);
    }
}
