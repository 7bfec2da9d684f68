package dev.postern.call;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The span of a call.
 *
 * @param recorded null if the call is not sampled: then the call is forwarded as if there was no tracing
 * @param isRoot   whether it begins a new trace
 */
record CallSpan(Tracer tracer, @Nullable Span recorded, boolean isRoot) {
    /** Runs something while the span is the current one of this thread, where meters look for it. */
    void within(Runnable counting) {
        if (recorded == null) {
            counting.run();
            return;
        }
        try (Tracer.SpanInScope _ = tracer.withSpan(recorded)) {
            counting.run();
        }
    }

    /** The value of {@link TraceParent#HEADER} for the backend; null if the client's is passed on. */
    @Nullable String traceParent() {
        return recorded == null
                ? null
                : "00-" + recorded.context().traceId() + "-" + recorded.context().spanId() + "-01";
    }

    /** Ends the span. That may wait for a lock, so no event loop may do it. */
    void end(RequestLine line) {
        if (recorded != null) {
            recorded.name(line.operation().isEmpty() ? line.method() : line.method() + " " + line.operation());
            line.tag(recorded::tag);
            recorded.end(TimeUnit.MILLISECONDS.toMicros(line.millis()), TimeUnit.MICROSECONDS);
        }
    }
}
