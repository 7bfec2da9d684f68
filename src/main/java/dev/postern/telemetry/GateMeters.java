package dev.postern.telemetry;

import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * What the gate counts and times. Tags take their values from the configuration and from this code only: never an id, a
 * key or a path of a request, so that no client can make the number of time series grow.
 */
public final class GateMeters {
    /** Counter of decisions by {@code api}, {@code outcome} (allowed, denied, failed) and {@code reason}. */
    public static final String DECISIONS = "postern.decisions";
    /** Time from the arrival of a request to its decision, by {@code api}. */
    public static final String DECISION_TIME = "postern.decision.time";
    /** Time from handing a call on to the head of the backend's reply, by {@code api}. */
    public static final String BACKEND_TIME = "postern.backend.time";
    /** Verified credentials that are remembered. */
    public static final String REMEMBERED = "postern.credentials.remembered";
    /** Credentials that were looked for among those remembered, by {@code result} (hit, miss). */
    public static final String REMEMBERED_LOOKUPS = "postern.credentials.remembered.lookups";
    /** Work that waits for a thread, by {@code workers} (verify, key-maker). */
    public static final String WORKERS_WAITING = "postern.workers.waiting";
    /** Work that was refused because too much was waiting, by {@code workers}. */
    public static final String WORKERS_REFUSED = "postern.workers.refused";
    /** Fetches of the keys of issuers that failed. */
    public static final String ISSUER_FAILURES = "postern.issuers.failures";
    /** Replies that were to tell of a device, by {@code outcome}, one of {@link Learned}. */
    public static final String LEARNED = "postern.devices.learned";

    /** Streams that are open: WebSockets. */
    public static final String STREAMS = "postern.streams.open";

    /** Active devices that wait to be counted in Redis. */
    public static final String ACTIVE_DEVICES_PENDING = "postern.active.devices.pending";
    /** Active devices that were not counted. */
    public static final String ACTIVE_DEVICES_DROPPED = "postern.active.devices.dropped";

    /** Stands for the API of a request that no API takes. */
    private static final ApiId NO_API = new ApiId("none");
    private static final String NO_REASON = "none";

    private final MeterRegistry registry;
    private final Tallies tallies;
    private final Map<DecisionTags, Counter> decisions = new ConcurrentHashMap<>();
    private final Map<ApiId, Timer> decisionTimes = new ConcurrentHashMap<>();
    private final Map<ApiId, Timer> backendTimes = new ConcurrentHashMap<>();
    private final Map<Learned, Counter> learned = new ConcurrentHashMap<>();

    /** What came of a reply that was to tell of a device. */
    public enum Learned {
        /** It names a device that was added. */
        REGISTERED("registered"),
        /** A device was removed. */
        REMOVED("removed"),
        /** It tells of a failure. */
        UNSUCCESSFUL("unsuccessful"),
        /** It says so in a way that cannot be read. */
        UNREADABLE("unreadable"),
        /** It is more than is copied. */
        TOO_LARGE("too_large"),
        /** It did not arrive to its end, or its client was gone before. */
        BROKEN_OFF("broken_off"),
        /** A defect of the gate. */
        FAILED("failed");

        private final String word;

        Learned(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    private record DecisionTags(ApiId api, String outcome, String reason) {}

    public GateMeters(MeterRegistry registry) {
        this.registry = registry;
        this.tallies = new Tallies(registry);
    }

    /** A call was allowed after so many nanoseconds. */
    public void allowed(ApiId api, long nanos) {
        decided(new DecisionTags(api, "allowed", NO_REASON), nanos);
    }

    /** A call to an API was not handed on, or broke off before it was answered. */
    public void denied(ApiId api, DenyReason reason, long nanos) {
        decided(new DecisionTags(api, "denied", reason.word()), nanos);
    }

    /** A call that no API takes was not handed on. */
    public void denied(DenyReason reason, long nanos) {
        denied(NO_API, reason, nanos);
    }

    /** An allowed call got no answer from its backend. Counted besides the decision, as {@code failed}. */
    public void failed(ApiId api, DenyReason reason) {
        counter(new DecisionTags(api, "failed", reason.word())).increment();
    }

    /** The head of the backend's reply came after so many nanoseconds. */
    public void answered(ApiId api, long nanos) {
        backendTimes.computeIfAbsent(api,
                key -> timer(BACKEND_TIME, "From handing a call on to the head of the backend's reply", key))
                .record(Duration.ofNanos(nanos));
    }

    /** This came of a reply that was to tell of a device. */
    public void learned(Learned outcome) {
        learned.computeIfAbsent(outcome, key -> Counter.builder(LEARNED)
                .description("Replies to calls that register or remove a device").tag("outcome", key.word())
                .register(registry)).increment();
    }

    /** Watches the memory of verified credentials. */
    public void watchRemembered(Supplier<Number> size, DoubleSupplier hits, DoubleSupplier misses) {
        Gauge.builder(REMEMBERED, size).description("Verified credentials that are remembered").register(registry);
        watchLookups("hit", hits);
        watchLookups("miss", misses);
    }

    private void watchLookups(String result, DoubleSupplier count) {
        tallies.watch(REMEMBERED_LOOKUPS, "Credentials that were looked for among those remembered", count, "result",
                result);
    }

    /** Watches a few threads with a bounded queue. */
    public void watchWorkers(String workers, Supplier<Number> waiting, DoubleSupplier refused) {
        Gauge.builder(WORKERS_WAITING, waiting).description("Work that waits for a thread").tag("workers", workers)
                .register(registry);
        tallies.watch(WORKERS_REFUSED, "Work that was refused because too much was waiting", refused, "workers",
                workers);
    }

    /** Watches the issuers. */
    public void watchIssuers(DoubleSupplier failures) {
        tallies.watch(ISSUER_FAILURES, "Fetches of the keys of issuers that failed", failures);
    }

    /** Watches the streams that are open. */
    public void watchStreams(Supplier<Number> open) {
        Gauge.builder(STREAMS, open).description("Streams that are open").register(registry);
    }

    /** Watches the counting of active devices. */
    public void watchActiveDevices(Supplier<Number> pending, DoubleSupplier dropped) {
        Gauge.builder(ACTIVE_DEVICES_PENDING, pending).description("Active devices that wait to be counted in Redis")
                .register(registry);
        tallies.watch(ACTIVE_DEVICES_DROPPED, "Active devices that were not counted", dropped);
    }

    private void decided(DecisionTags tags, long nanos) {
        counter(tags).increment();
        decisionTimes.computeIfAbsent(tags.api(),
                key -> timer(DECISION_TIME, "From the arrival of a request to its decision", key))
                .record(Duration.ofNanos(nanos));
    }

    private Counter counter(DecisionTags tags) {
        return decisions.computeIfAbsent(tags, key -> Counter.builder(DECISIONS)
                .description("Decisions on calls, and calls that got no answer from their backend")
                .tag("api", key.api().value())
                .tag("outcome", key.outcome()).tag("reason", key.reason()).register(registry));
    }

    private Timer timer(String name, String description, ApiId api) {
        return Timer.builder(name).description(description).tag("api", api.value()).publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofNanos(1_000)).maximumExpectedValue(Duration.ofSeconds(30))
                .register(registry);
    }
}
