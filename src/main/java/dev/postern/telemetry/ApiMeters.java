package dev.postern.telemetry;

import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The meters of the calls to one API. Each is registered when it first counts something. Two threads may do that at the
 * same time: the registry gives both the same meter.
 */
final class ApiMeters {
    private static final String NO_REASON = "none";
    /** From 1xx to 5xx; index 0 is not used. */
    private static final int STATUS_CLASSES = 6;
    private static final Duration SHORTEST = Duration.ofNanos(1_000);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final MeterRegistry registry;
    private final ApiId api;
    private final Map<DenyReason, Counter> denied = new ConcurrentHashMap<>();
    private final Map<DenyReason, Counter> failed = new ConcurrentHashMap<>();
    private volatile @Nullable Counter allowed;
    private volatile @Nullable Timer decisionTime;
    private volatile @Nullable Timer backendTime;
    private final AtomicReferenceArray<@Nullable Counter> answers = new AtomicReferenceArray<>(STATUS_CLASSES);

    ApiMeters(MeterRegistry registry, ApiId api) {
        this.registry = registry;
        this.api = api;
    }

    void allowed(long nanos) {
        Counter present = allowed;
        if (present == null) {
            present = counter("allowed", NO_REASON);
            allowed = present;
        }
        present.increment();
        decided(nanos);
    }

    void denied(DenyReason reason, long nanos) {
        counter(denied, "denied", reason).increment();
        decided(nanos);
    }

    void failed(DenyReason reason) {
        counter(failed, "failed", reason).increment();
    }

    void answered(int status, long nanos) {
        answers(status / 100).increment();
        Timer present = backendTime;
        if (present == null) {
            present = timer(GateMeters.BACKEND_TIME, "From forwarding a call to the head of the backend's reply");
            backendTime = present;
        }
        present.record(nanos, TimeUnit.NANOSECONDS);
    }

    private Counter answers(int statusClass) {
        Counter present = answers.get(statusClass);
        if (present == null) {
            present = Counter.builder(GateMeters.BACKEND_ANSWERS).description("Answers of the backend")
                    .tag("api", api.value()).tag("status", statusClass + "xx").register(registry);
            answers.set(statusClass, present);
        }
        return present;
    }

    private void decided(long nanos) {
        Timer present = decisionTime;
        if (present == null) {
            present = timer(GateMeters.DECISION_TIME, "From the arrival of a request to its decision");
            decisionTime = present;
        }
        present.record(nanos, TimeUnit.NANOSECONDS);
    }

    private Counter counter(Map<DenyReason, Counter> counters, String outcome, DenyReason reason) {
        Counter present = counters.get(reason);
        return present == null ? counters.computeIfAbsent(reason, key -> counter(outcome, key.word())) : present;
    }

    private Counter counter(String outcome, String reason) {
        return Counter.builder(GateMeters.DECISIONS)
                .description("Decisions on calls, and calls that got no answer from their backend")
                .tag("api", api.value()).tag("outcome", outcome).tag("reason", reason).register(registry);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name).description(description).tag("api", api.value()).publishPercentileHistogram()
                .minimumExpectedValue(SHORTEST).maximumExpectedValue(LONGEST).register(registry);
    }
}
