package dev.postern.telemetry;

import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * The meters of calls and decisions. Tag values come only from the configuration and from this code, never from a
 * request (such as an ID, a key or a path), so that clients cannot increase the number of time series.
 */
public final class GateMeters {
    /** Counter of decisions by {@code api}, {@code outcome} (allowed, denied, failed) and {@code reason}. */
    public static final String DECISIONS = "postern.decisions";
    /** Replies to calls that register or remove a device, by {@code outcome}, one of {@link Learned}. */
    public static final String LEARNED = "postern.devices.learned";

    /** Time from the arrival of a request to its decision, by {@code api}. */
    public static final String DECISION_TIME = "postern.decision.time";
    /** Time from forwarding a call to the head of the backend's reply, by {@code api}. */
    public static final String BACKEND_TIME = "postern.backend.time";
    /** Answers of backends by {@code api} and class of the {@code status}: {@code 1xx} to {@code 5xx}. */
    static final String BACKEND_ANSWERS = "postern.backend.answers";
    /** Verified credentials in the cache. */
    private static final String REMEMBERED = "postern.credentials.remembered";
    /** Lookups in the cache of verified credentials, by {@code result} (hit, miss). */
    private static final String REMEMBERED_LOOKUPS = "postern.credentials.remembered.lookups";
    /** Work that waits for a thread or for its turn, by {@code workers} (verify, key-maker, management, lists, …). */
    private static final String WORKERS_WAITING = "postern.workers.waiting";
    /** Work that was refused because too much was waiting, by {@code workers}. */
    private static final String WORKERS_REFUSED = "postern.workers.refused";
    /** Fetches of the keys of issuers. */
    private static final String ISSUER_FETCHES = "postern.issuers.fetches";
    /** Failed fetches of the keys of issuers. */
    private static final String ISSUER_FAILURES = "postern.issuers.failures";
    /** Credentials that expire within a week, at most 20. */
    private static final String EXPIRING = "postern.credentials.expiring";
    /** Streams that were closed because their call would not be allowed any more, by {@code reason}. */
    private static final String STREAMS_REVOKED = "postern.streams.revoked";
    /** Open WebSockets and event streams. */
    private static final String STREAMS = "postern.streams.open";
    /** Credentials whose calls are waiting to be counted in Redis, and devices with calls with an old secret. */
    private static final String CREDENTIAL_CALLS_PENDING = "postern.credential.calls.pending";
    /** Calls that were not counted for their credential, or for a device with an old secret. */
    private static final String CREDENTIAL_CALLS_DROPPED = "postern.credential.calls.dropped";
    /** Active devices that are waiting to be counted in Redis. */
    private static final String ACTIVE_DEVICES_PENDING = "postern.active.devices.pending";
    /** Calls to active devices that were not counted. */
    private static final String ACTIVE_DEVICES_DROPPED = "postern.active.devices.dropped";

    /** Recent decisions that are kept, to replay them after a hypothetical change. */
    private static final String RECENT_DECISIONS = "postern.recent.decisions";

    /** Decisions that were not kept. */
    private static final String RECENT_DECISIONS_SKIPPED = "postern.recent.decisions.skipped";

    /** The value of {@code api} for a request that is counted for no API. */
    private static final ApiId NO_API = new ApiId("none");

    private final MeterRegistry registry;
    private final FunctionCounters functionCounters;
    private final Map<ApiId, ApiMeters> apis = new ConcurrentHashMap<>();
    private final Map<Learned, Counter> learned = new ConcurrentHashMap<>();

    /** The outcome of a reply to a call that registers or removes a device. */
    public enum Learned {
        /** A device was added. */
        REGISTERED("registered"),
        /** A device was removed. */
        REMOVED("removed"),
        /** The call failed. */
        UNSUCCESSFUL("unsuccessful"),
        /** The reply is unreadable. */
        UNREADABLE("unreadable"),
        /** The reply is larger than the limit. */
        TOO_LARGE("too_large"),
        /** The reply is incomplete, or its client disconnected first. */
        BROKEN_OFF("broken_off"),
        /** Internal error in the gate. */
        FAILED("failed");

        private final String word;

        Learned(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    public GateMeters(MeterRegistry registry) {
        this.registry = registry;
        this.functionCounters = new FunctionCounters(registry);
    }

    /** Counts an allowed call, and the nanoseconds until the decision. */
    public void allowed(ApiId api, long nanos) {
        of(api).allowed(nanos);
    }

    /** Counts a refused call to an API, and the nanoseconds until the decision. */
    public void denied(ApiId api, DenyReason reason, long nanos) {
        of(api).denied(reason, nanos);
    }

    /**
     * Counts a refused call that is counted for no API: it matches no operation, is ambiguous, or is not valid HTTP.
     */
    public void denied(DenyReason reason, long nanos) {
        denied(NO_API, reason, nanos);
    }

    /**
     * Counts an allowed call that got no complete answer from its backend, as {@code failed}, in addition to the
     * decision.
     */
    public void failed(ApiId api, DenyReason reason) {
        of(api).failed(reason);
    }

    /**
     * Counts an answer of a backend, and the nanoseconds until its head arrived.
     *
     * @param status from 100 to 599
     */
    public void answered(ApiId api, int status, long nanos) {
        of(api).answered(status, nanos);
    }

    /** Counts the outcome of a reply to a call that registers or removes a device. */
    public void learned(Learned outcome) {
        learned.computeIfAbsent(outcome, key -> Counter.builder(LEARNED)
                .description("Replies to calls that register or remove a device").tag("outcome", key.word())
                .register(registry)).increment();
    }

    /** Registers the meters of the cache of verified credentials. */
    public void watchRemembered(Supplier<Number> size, DoubleSupplier hits, DoubleSupplier misses) {
        Gauge.builder(REMEMBERED, size).description("Verified credentials in the cache").register(registry);
        watchLookups("hit", hits);
        watchLookups("miss", misses);
    }

    private void watchLookups(String result, DoubleSupplier count) {
        functionCounters.watch(REMEMBERED_LOOKUPS, "Lookups in the cache of verified credentials", count, "result",
                result);
    }

    /** Registers the meters of a bounded queue of work. */
    public void watchWorkers(String workers, Supplier<Number> waiting, DoubleSupplier refused) {
        Gauge.builder(WORKERS_WAITING, waiting).description("Work that waits for a thread or for its turn")
                .tag("workers", workers)
                .register(registry);
        functionCounters.watch(WORKERS_REFUSED, "Work that was refused because too much was waiting", refused,
                "workers",
                workers);
    }

    /** Registers the meters of the issuers. */
    public void watchIssuers(DoubleSupplier fetches, DoubleSupplier failures) {
        functionCounters.watch(ISSUER_FETCHES, "Fetches of the keys of issuers", fetches);
        functionCounters.watch(ISSUER_FAILURES, "Failed fetches of the keys of issuers", failures);
    }

    /** Registers the meter of credentials that expire soon. */
    public void watchExpiring(Supplier<Number> expiring) {
        Gauge.builder(EXPIRING, expiring).description("Credentials that expire within a week").register(registry);
    }

    /** Counts a stream that was closed because its call would not be allowed any more. */
    public void streamRevoked(DenyReason reason) {
        Counter.builder(STREAMS_REVOKED).description("Streams that were closed because they lost their right")
                .tag("reason", reason.word()).register(registry).increment();
    }

    /** Registers the meter of open streams. */
    public void watchStreams(Supplier<Number> open) {
        Gauge.builder(STREAMS, open).description("Open WebSockets and event streams").register(registry);
    }

    /** Registers the meters of the counting of active devices. */
    public void watchActiveDevices(Supplier<Number> pending, DoubleSupplier dropped) {
        Gauge.builder(ACTIVE_DEVICES_PENDING, pending)
                .description("Active devices that are waiting to be counted in Redis")
                .register(registry);
        functionCounters.watch(ACTIVE_DEVICES_DROPPED, "Calls to active devices that were not counted", dropped);
    }

    /** Registers the meters of the counting of calls by credential. */
    public void watchCredentialCalls(Supplier<Number> pending, DoubleSupplier dropped) {
        Gauge.builder(CREDENTIAL_CALLS_PENDING, pending)
                .description("Credentials whose calls are waiting to be counted in Redis")
                .register(registry);
        functionCounters.watch(CREDENTIAL_CALLS_DROPPED, "Calls that were not counted for their credential", dropped);
    }

    /** Registers the meters of the recent decisions. */
    public void watchRecentDecisions(Supplier<Number> kept, DoubleSupplier skipped) {
        Gauge.builder(RECENT_DECISIONS, kept).description("Recent decisions that are kept for a replay")
                .register(registry);
        functionCounters.watch(RECENT_DECISIONS_SKIPPED, "Decisions that were not kept", skipped);
    }

    /** Registers the meters of the names that searches keep in memory. */
    public void watchNames(Supplier<Number> lists, Supplier<Number> bytes) {
        Gauge.builder("postern.search.lists", lists).description("Lists whose names are in memory").register(registry);
        Gauge.builder("postern.search.names", bytes).baseUnit("bytes")
                .description("Memory of the names that searches use")
                .register(registry);
    }

    private ApiMeters of(ApiId api) {
        // This is read for each call, and computeIfAbsent may lock even if there is a value.
        ApiMeters present = apis.get(api);
        return present == null ? apis.computeIfAbsent(api, key -> new ApiMeters(registry, key)) : present;
    }
}
