package dev.postern.telemetry;

import dev.postern.access.ApiId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts which way the calls take through the gate. */
public final class LaneMeters {
    /** Calls by {@code api}, {@code lane} (express, chain), and the {@code reason} for the chain. */
    public static final String CALLS = "postern.lane.calls";
    /** The value of {@code api} for a request that matches no API. */
    private static final ApiId NO_API = new ApiId("none");

    private final MeterRegistry registry;
    private final Map<Tags, Counter> calls = new ConcurrentHashMap<>();

    private record Tags(ApiId api, String lane, String reason) {}

    public LaneMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Counts a call of an API. */
    public void count(ApiId api, String lane, String reason) {
        Tags tags = new Tags(api, lane, reason);
        // This is read for each call, and computeIfAbsent may lock even if there is a value.
        Counter present = calls.get(tags);
        (present == null ? calls.computeIfAbsent(tags, this::counter) : present).increment();
    }

    private Counter counter(Tags tags) {
        return Counter.builder(CALLS).description("Calls by the way they take through the gate")
                .tag("api", tags.api().value()).tag("lane", tags.lane()).tag("reason", tags.reason())
                .register(registry);
    }

    /** Counts a call that matches no API. */
    public void count(String lane, String reason) {
        count(NO_API, lane, reason);
    }
}
