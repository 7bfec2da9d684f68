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
        calls.computeIfAbsent(new Tags(api, lane, reason), key -> Counter.builder(CALLS)
                .description("Calls by the way they take through the gate").tag("api", key.api().value())
                .tag("lane", key.lane()).tag("reason", key.reason()).register(registry)).increment();
    }

    /** Counts a call that matches no API. */
    public void count(String lane, String reason) {
        count(NO_API, lane, reason);
    }
}
