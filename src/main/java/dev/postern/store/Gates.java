package dev.postern.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The gates that follow the log of changes. Each one reports its position in the log once a second, and after every
 * change.
 */
public final class Gates {
    static final String GATES = "postern:{changes}:gates";
    static final String BEATS = "postern:{changes}:beats";
    /** A gate that has been silent for longer has stopped or is cut off. */
    static final Duration SILENT_AFTER = Duration.ofSeconds(3);

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String UNREADABLE = "unreadable";
    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private final RedisStore redis;
    private final Script gates = Script.read("/dev/postern/store/gates.lua");

    Gates(RedisStore redis) {
        this.redis = redis;
    }

    /**
     * A gate.
     *
     * @param id      the ID of its run
     * @param name    the name of its machine
     * @param state   its state at its last heartbeat
     * @param lag     the number of changes it had not read by then
     * @param grace   how long it may decide without Redis
     * @param silence how long ago its last heartbeat was
     */
    public record Gate(String id, String name, String version, Instant started, StoreState state, long lag,
            Duration grace, Duration silence) {
        public boolean isSilent() {
            return silence.compareTo(SILENT_AFTER) > 0;
        }

        /** Whether it may still decide from its cache, if it is cut off rather than stopped. */
        boolean mayDecide() {
            return !decidesFor().isNegative();
        }

        /** For how long it may still decide from its cache; negative if it may not. */
        public Duration decidesFor() {
            return grace.plus(SILENT_AFTER).minus(silence);
        }
    }

    /**
     * Tells which gates know a change.
     *
     * @param change     the place of the change in the log, with which it can be looked up later
     * @param confirmed  the gates that know it
     * @param missing    the gates that did not confirm it in time, and may decide without knowing it
     * @param outOfGrace the gates that do not know it, but were silent for too long to decide without Redis
     */
    public record Receipt(String change, List<Gate> confirmed, List<Gate> missing, List<Gate> outOfGrace) {
        public Receipt {
            confirmed = List.copyOf(confirmed);
            missing = List.copyOf(missing);
            outOfGrace = List.copyOf(outOfGrace);
        }
    }

    /** All gates with a heartbeat in the last hour. */
    public Mono<List<Gate>> list() {
        return read(Optional.empty()).map(Seen::gates);
    }

    /**
     * The gates, and the change from which their lag is counted.
     *
     * @param last the last change in the log
     */
    private record Seen(ChangeLog.Place change, ChangeLog.Place last, List<Gate> gates) {
        Receipt receipt() {
            return new Receipt(change.text(), those(gate -> gate.lag() == 0),
                    those(gate -> gate.lag() > 0 && gate.mayDecide()),
                    those(gate -> gate.lag() > 0 && !gate.mayDecide()));
        }

        private List<Gate> those(Predicate<Gate> which) {
            return gates.stream().filter(which).toList();
        }
    }

    /** @param change the change from which the lag is counted; empty for the last one in the log */
    private Mono<Seen> read(Optional<ChangeLog.Place> change) {
        return gates.list(redis, new String[]{GATES, BEATS, ChangeLog.HEAD}).map(reply -> {
            ChangeLog.Place last = new ChangeLog.Place(reply.get(0), Long.parseLong(reply.get(1)));
            ChangeLog.Place from = change.orElse(last);
            List<Gate> found = new ArrayList<>();
            for (int i = 2; i < reply.size(); i += 3) {
                found.add(gate(reply.get(i), Duration.ofMillis((long) Double.parseDouble(reply.get(i + 1))),
                        reply.get(i + 2), from));
            }
            return new Seen(from, last, found);
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
            // The gate exists, but its position is unknown.
            return new Gate(id, UNREADABLE, UNREADABLE, Instant.EPOCH, StoreState.SUSPECT, unknown(last),
                    redis.changes().view().longestGrace(), silence);
        }
    }

    private static long lag(ChangeLog.Place last, String log, long known) {
        return log.equals(last.log()) ? Math.max(0, last.number() - known) : unknown(last);
    }

    /** The lag of a gate that may know nothing of this log. */
    private static long unknown(ChangeLog.Place last) {
        return Math.max(1, last.number());
    }

    /**
     * Waits until all live gates know everything that was changed before, for two seconds at most. It does not wait for
     * silent gates. They may be cut off, and then they keep allowing what they allowed until their grace is over.
     */
    public Mono<Receipt> receipt() {
        return Mono.defer(() -> look(Optional.empty(), System.nanoTime() + LONGEST.toNanos()));
    }

    /**
     * Looks up which gates know a change by now, without waiting for them. Empty if the log does not have the change:
     * it never had it, or Redis lost it.
     *
     * @param change the place of the change, from its {@link Receipt}
     */
    public Mono<Receipt> receipt(String change) {
        return Mono.justOrEmpty(ChangeLog.Place.parse(change)).flatMap(place -> read(Optional.of(place)))
                .filter(seen -> seen.change().log().equals(seen.last().log())
                        && seen.change().number() <= seen.last().number())
                .map(Seen::receipt);
    }

    private Mono<Receipt> look(Optional<ChangeLog.Place> change, long until) {
        return read(change).flatMap(seen -> {
            Receipt receipt = seen.receipt();
            return receipt.missing().stream().allMatch(Gate::isSilent) || System.nanoTime() - until >= 0
                    ? Mono.just(receipt)
                    : Mono.delay(LOOK_AGAIN).then(look(Optional.of(seen.change()), until));
        });
    }
}
