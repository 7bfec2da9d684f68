package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.issuance.ExpiringCredentials;
import dev.postern.license.LicenseWatch;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Shape;
import dev.postern.store.RedisStore;
import dev.postern.store.StoreUnavailableException;
import dev.postern.telemetry.GateMeters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import java.time.Clock;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/v1/overview}: what this gate has done since its start, and what it knows of Redis. */
final class OverviewEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int REASONS = 10;
    /** How many accounts and credentials that need attention are listed. */
    private static final int ATTENTION = 10;
    private static final double MILLIS_PER_SECOND = 1000.0;

    private final MeterRegistry meters;
    private final RedisStore redis;
    private final LicenseWatch licenses;
    private final ExpiringCredentials expiring;
    private final Clock clock;

    OverviewEndpoint(MeterRegistry meters, RedisStore redis, LicenseWatch licenses, ExpiringCredentials expiring,
            Clock clock) {
        this.licenses = licenses;
        this.expiring = expiring;
        this.meters = meters;
        this.redis = redis;
        this.clock = clock;
    }

    RouterFunction<ServerResponse> routes() {
        return new Routes().on(Operation.get("/api/v1/overview", "getOverview",
                "Shows what this gate has done since its start.").in("Gates").returns(Shape.object(
                        required("at_seconds", Shape.number(), "The time in seconds since 1970."),
                        required("allowed", Shape.count(), ""), required("denied", Shape.count(), ""),
                        required("failed", Shape.count(), ""), required("decision", percentiles("micros"), ""),
                        required("backend", percentiles("millis"), ""),
                        required("store", Shape.object(required("state", Shape.word("live", "suspect", "down"), ""),
                                required("staleness_seconds", Shape.number(), ""),
                                required("management_connected", Shape.flag(), "")), ""),
                        required("denials", Shape.list(Shape.object(required("reason", Shape.text(), ""),
                                required("count", Shape.count(), "")), REASONS), "The most frequent reasons."),
                        required("accounts_near_limit", Shape.list(Shape.object(required("account", Shapes.ID, ""),
                                required("seats", Shape.count(), ""), required("used", Shape.count(), ""),
                                required("waiting", Shape.count(), "Devices without a seat.")), ATTENTION),
                                "Accounts that use 90 % of their seats or more; those with the most waiting devices"
                                        + " first."),
                        required("expiring_credentials", Shape.list(Shape.object(required("account", Shapes.ID, ""),
                                required("kind", Shape.text(), ""), required("id", Shape.text(), ""),
                                required("name", Shapes.NAME, ""), required("expires_at", Shapes.TIME, "")),
                                ATTENTION),
                                "Credentials that expire within 30 days; empty while Redis cannot be reached."))),
                this::show).build();
    }

    private static Shape percentiles(String unit) {
        return Shape.object(required("p50_" + unit, Shape.number().orNull(), ""),
                required("p99_" + unit, Shape.number().orNull(), ""));
    }

    private Mono<ServerResponse> show(ServerRequest request) {
        Collection<Counter> decisions = meters.find(GateMeters.DECISIONS).counters();
        ObjectNode json = JSON.createObjectNode().put("at_seconds", clock.millis() / MILLIS_PER_SECOND)
                .put("allowed", total(decisions, "allowed")).put("denied", total(decisions, "denied"))
                .put("failed", total(decisions, "failed"));
        putPercentiles(json.putObject("decision"), GateMeters.DECISION_TIME, TimeUnit.MICROSECONDS, "micros");
        putPercentiles(json.putObject("backend"), GateMeters.BACKEND_TIME, TimeUnit.MILLISECONDS, "millis");
        json.putObject("store").put("state", redis.changes().view().state().word())
                .put("staleness_seconds", redis.changes().view().staleness().toMillis() / MILLIS_PER_SECOND)
                .put("management_connected", redis.management().isConnected());
        putReasons(json.putArray("denials"), decisions);
        ArrayNode near = json.putArray("accounts_near_limit");
        licenses.near().stream().limit(ATTENTION).forEach(account -> near.addObject()
                .put("account", account.account().value()).put("seats", account.seats()).put("used", account.used())
                .put("waiting", account.waiting()));
        // What the gate knows by itself is shown even if Redis does not answer.
        return expiring.soon().onErrorReturn(StoreUnavailableException.class, List.of()).flatMap(found -> {
            ArrayNode list = json.putArray("expiring_credentials");
            found.stream().limit(ATTENTION).forEach(credential -> list.addObject()
                    .put("account", credential.account().value()).put("kind", credential.kind())
                    .put("id", credential.id()).put("name", credential.name())
                    .put("expires_at", credential.expires().toString()));
            return Replies.ok(json);
        });
    }

    private static long total(Collection<Counter> decisions, String outcome) {
        return (long) decisions.stream().filter(counter -> outcome.equals(counter.getId().getTag("outcome")))
                .mapToDouble(Counter::count).sum();
    }

    private static void putReasons(ArrayNode list, Collection<Counter> decisions) {
        decisions.stream().filter(counter -> "denied".equals(counter.getId().getTag("outcome")))
                .collect(Collectors.groupingBy(counter -> String.valueOf(counter.getId().getTag("reason")),
                        Collectors.summingDouble(Counter::count)))
                .entrySet().stream().filter(entry -> entry.getValue() > 0)
                .sorted(Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(REASONS).forEach(entry -> list.addObject().put("reason", entry.getKey()).put("count",
                        entry.getValue().longValue()));
    }

    /** Upper bounds, since the histograms have buckets. Null while there is no measurement. */
    private void putPercentiles(ObjectNode json, String timers, TimeUnit unit, String name) {
        Map<Double, Double> buckets = new TreeMap<>();
        double count = 0;
        for (Timer timer : meters.find(timers).timers()) {
            for (CountAtBucket bucket : timer.takeSnapshot().histogramCounts()) {
                buckets.merge(bucket.bucket(unit), bucket.count(), Double::sum);
            }
            count += timer.count();
        }
        json.put("p50_" + name, percentile(buckets, count, 0.5)).put("p99_" + name, percentile(buckets, count, 0.99));
    }

    private static @Nullable Double percentile(Map<Double, Double> cumulative, double count, double share) {
        if (count == 0) {
            return null;
        }
        for (Map.Entry<Double, Double> bucket : cumulative.entrySet()) {
            if (bucket.getValue() >= count * share) {
                return bucket.getKey();
            }
        }
        return null;
    }
}
