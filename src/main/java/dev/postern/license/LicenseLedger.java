package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.store.RedisStore;
import dev.postern.store.UnreadableRecordException;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The log of every seat that was taken, lost or moved, in order. Only the scripts write it, and entries never change.
 */
public final class LicenseLedger {
    private static final Pattern ID = Pattern.compile("\\d{1,19}-\\d{1,19}");
    /** Matches an ID that sorts before all entries and belongs to none. */
    private static final Pattern FIRST = Pattern.compile("0+-0+");

    private final RedisStore redis;

    public LicenseLedger(RedisStore redis) {
        this.redis = redis;
    }

    /**
     * An entry.
     *
     * @param id     its ID, which gives its position
     * @param at     its time, by the clock of the gate
     * @param event  {@code taken}, {@code lost} or {@code moved}
     * @param device the device that took or lost a seat, or got one from another device
     * @param from   the device whose seat it got
     * @param why    {@code added}, {@code called}, {@code deleted}, {@code shrunk}, {@code moved} or {@code imported}
     * @param used   the number of seats taken afterwards
     */
    public record Entry(String id, Instant at, String event, DeviceId device, Optional<DeviceId> from, String why,
            long used) {}

    /** A part of the ledger. */
    public record Part(long totalCount, List<Entry> entries) {
        public Part {
            entries = List.copyOf(entries);
        }
    }

    /** Whether a text can be the ID of an entry. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** Reads the entries before this one, latest first. */
    public Mono<Part> before(AccountId account, Optional<String> id, int count) {
        if (id.isPresent() && FIRST.matcher(id.get()).matches()) {
            // Redis has no range that ends before this ID.
            return part(account, Mono.empty());
        }
        Range.Boundary<String> end = id.<Range.Boundary<String>>map(Range.Boundary::excluding)
                .orElseGet(Range.Boundary::unbounded);
        return part(account, redis.run(commands -> commands.xrevrange(LicenseKeys.ledger(account),
                Range.from(Range.Boundary.unbounded(), end), Limit.from(count))));
    }

    /** Reads the entries after this one, oldest first. */
    public Mono<Part> after(AccountId account, String id, int count) {
        return part(account, redis.run(commands -> commands.xrange(LicenseKeys.ledger(account),
                Range.from(Range.Boundary.excluding(id), Range.Boundary.unbounded()), Limit.from(count))));
    }

    private Mono<Part> part(AccountId account, Mono<List<StreamMessage<String, String>>> entries) {
        return redis.run(commands -> commands.xlen(LicenseKeys.ledger(account)))
                .flatMap(total -> entries
                        .map(list -> new Part(total, list.stream().map(entry -> entry(account, entry)).toList()))
                        .defaultIfEmpty(new Part(total, List.of())));
    }

    private static Entry entry(AccountId account, StreamMessage<String, String> message) {
        try {
            Map<String, String> body = message.getBody();
            return new Entry(message.getId(), Instant.ofEpochMilli(Long.parseLong(required(body.get("t")))),
                    required(body.get("e")), new DeviceId(required(body.get("d"))),
                    Optional.ofNullable(body.get("f")).map(DeviceId::new), required(body.get("w")),
                    Long.parseLong(required(body.get("n"))));
        } catch (IllegalArgumentException | NullPointerException corrupt) {
            throw new UnreadableRecordException(
                    "The entry " + message.getId() + " of " + LicenseKeys.ledger(account) + " cannot be read.");
        }
    }

    private static String required(@Nullable String value) {
        return Objects.requireNonNull(value);
    }
}
