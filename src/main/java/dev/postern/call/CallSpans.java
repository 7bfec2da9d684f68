package dev.postern.call;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import java.time.Clock;
import java.util.concurrent.TimeUnit;

/**
 * Begins the spans of calls. The sampler of the tracer decides which calls have one: by default, the client decides if
 * it sends a trace, and otherwise chance.
 */
final class CallSpans {
    private final Tracer tracer;
    private final Clock clock;

    CallSpans(Tracer tracer, Clock clock) {
        this.tracer = tracer;
        this.clock = clock;
    }

    /** @param ago nanoseconds since the arrival of the call */
    CallSpan begin(Head head, long ago) {
        TraceParent parent = TraceParent.of(head);
        long arrived = TimeUnit.MILLISECONDS.toMicros(clock.millis()) - TimeUnit.NANOSECONDS.toMicros(ago);
        Span.Builder builder = tracer.spanBuilder().kind(Span.Kind.SERVER)
                .startTimestamp(arrived, TimeUnit.MICROSECONDS);
        Span span = (parent == null ? builder.setNoParent() : builder.setParent(context(parent))).start();
        return new CallSpan(tracer, span.isNoop() ? null : span, parent == null);
    }

    private TraceContext context(TraceParent parent) {
        return tracer.traceContextBuilder().traceId(parent.traceId()).spanId(parent.spanId()).sampled(parent.sampled())
                .build();
    }
}
