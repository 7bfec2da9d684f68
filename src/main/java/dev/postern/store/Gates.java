package dev.postern.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The gates that follow the log of changes. Each says once a second, and after every change, how far it has come. */
public final class Gates {
    static final String GATES = "postern:{changes}:gates";
    static final String BEATS = "postern:{changes}:beats";
    /** A gate that has been silent for longer has stopped, or is cut off. */
    public static final Duration SILENT_AFTER = Duration.ofSeconds(3);

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String UNREADABLE = "unreadable";
    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private final RedisStore redis;
    private final Script gates = Script.read("/dev/postern/store/gates.lua");

    public Gates(RedisStore redis) {
        this.redis = redis;
    }

    /**
     * A gate.
     *
     * @param id      of this run of it
     * @param name    of its machine
     * @param state   as it was when it was last heard of
     * @param lag     changes that it had not heard of then
     * @param grace   for how long it decides without Redis
     * @param silence how long ago it was last heard of
     */
    public record Gate(String id, String name, String version, Instant started, StoreState state, long lag,
            Duration grace, Duration silence) {
        public boolean isSilent() {
            return silence.compareTo(SILENT_AFTER) > 0;
        }

        /** Whether it may yet decide by what it knew, if it was cut off and is not stopped. */
        boolean mayDecide() {
            return silence.compareTo(grace.plus(SILENT_AFTER)) <= 0;
        }
    }

    /**
     * Which gates know a change.
     *
     * @param confirmed those that do
     * @param missing   those that had not said so in time, and may decide without knowing it
     */
    public record Receipt(List<Gate> confirmed, List<Gate> missing) {
        public Receipt {
            confirmed = List.copyOf(confirmed);
            missing = List.copyOf(missing);
        }
    }

    /** All that were heard of within the last hour. */
    public Mono<List<Gate>> list() {
        return read(Optional.empty()).map(Seen::gates);
    }

    /** The gates, and up to which change their lag is counted. */
    private record Seen(ChangeLog.Place change, List<Gate> gates) {}

    /** @param change from which the lag is counted; empty for the last one of all */
    private Mono<Seen> read(Optional<ChangeLog.Place> change) {
        return gates.list(redis, new String[]{GATES, BEATS, ChangeLog.HEAD}).map(reply -> {
            ChangeLog.Place last = change.orElseGet(
                    () -> new ChangeLog.Place(reply.get(0), Long.parseLong(reply.get(1))));
            List<Gate> found = new ArrayList<>();
            for (int i = 2; i < reply.size(); i += 3) {
                found.add(gate(reply.get(i), Duration.ofMillis((long) Double.parseDouble(reply.get(i + 1))),
                        reply.get(i + 2), last));
            }
            return new Seen(last, found);
        });
    }

    private Gate gate(String id, Duration silence, String text, ChangeLog.Place last) {
        try {
            JsonNode json = JSON.readTree(text);
            return new Gate(id, json.required("name").stringValue(), json.required("version").stringValue(),
                    Instant.ofEpochMilli(json.required("started").longValue()),
                    StoreState.valueOf(json.required("state").stringValue().toUpperCase(Locale.ROOT)),
                    lag(last, json.required("log").stringValue(), json.required("known").longValue()),
                    Duration.ofMillis(json.required("grace").longValue()), silence);
        } catch (JacksonException | IllegalArgumentException corrupt) {
            redis.unreadable().report(new UnreadableRecordException("The record of " + id + " in " + GATES
                    + " cannot be read (" + corrupt.getClass().getSimpleName() + ")."));
            // It is there, and nobody knows how far it has come.
            return new Gate(id, UNREADABLE, UNREADABLE, Instant.EPOCH, StoreState.SUSPECT, unknown(last),
                    redis.changes().view().longestGrace(), silence);
        }
    }

    private static long lag(ChangeLog.Place last, String log, long known) {
        return log.equals(last.log()) ? Math.max(0, last.number() - known) : unknown(last);
    }

    /** Of a gate that may know nothing of this log. */
    private static long unknown(ChangeLog.Place last) {
        return Math.max(1, last.number());
    }

    /**
     * Waits until all live gates know everything that was changed before, for two seconds at most. It does not wait for those that
     * are silent; which may be cut off, and allow what they allowed, until their grace is over.
     */
    public Mono<Receipt> receipt() {
        return Mono.defer(() -> look(Optional.empty(), System.nanoTime() + LONGEST.toNanos()));
    }

    private Mono<Receipt> look(Optional<ChangeLog.Place> change, long until) {
        return read(change).flatMap(seen -> {
            List<Gate> confirmed = seen.gates().stream().filter(gate -> gate.lag() == 0).toList();
            List<Gate> missing = seen.gates().stream().filter(gate -> gate.lag() > 0 && gate.mayDecide()).toList();
            return missing.stream().allMatch(Gate::isSilent) || System.nanoTime() - until >= 0
                    ? Mono.just(new Receipt(confirmed, missing))
                    : Mono.delay(LOOK_AGAIN).then(look(Optional.of(seen.change()), until));
        });
    }
}
