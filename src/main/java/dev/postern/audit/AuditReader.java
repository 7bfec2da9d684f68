package dev.postern.audit;

import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Reads the log: lists changes with their outcomes, and checks the chain. */
final class AuditReader {
    private static final int BATCH = 500;
    /** Entries that one page may read: a search that finds little continues on the next page, to spare Redis. */
    private static final int MAX_READ = 10_000;

    private final RedisStore redis;
    private final SecretKeys secrets;

    AuditReader(RedisStore redis, SecretKeys secrets) {
        this.redis = redis;
        this.secrets = secrets;
    }

    Mono<AuditPage> list(AuditQuery query) {
        // Entries are read latest first, so the end of a change is read before its beginning, unless the end is on an
        // earlier page.
        return query.before().map(before -> endsAbove(before)).orElseGet(() -> Mono.just(new HashMap<>()))
                .flatMap(ends -> list(query, new Search(ends, new ArrayList<>()),
                        query.before().orElse(Long.MAX_VALUE), MAX_READ));
    }

    private record Search(Map<Long, Entry.Ended> ends, List<AuditPage.Recorded> found) {}

    private Mono<Map<Long, Entry.Ended>> endsAbove(long from) {
        return redis.run(commands -> commands.xrange(AuditKeys.ENTRIES, Range.create(id(from), "+"), Limit.from(BATCH)))
                .map(messages -> {
                    Map<Long, Entry.Ended> ends = new HashMap<>();
                    messages.forEach(message -> {
                        if (entry(message) instanceof Entry.Ended ended) {
                            ends.put(ended.of(), ended);
                        }
                    });
                    return ends;
                });
    }

    private Mono<AuditPage> list(AuditQuery query, Search search, long before, int left) {
        String highest = before == Long.MAX_VALUE ? "+" : id(before - 1);
        if (before <= 1) {
            return Mono.just(new AuditPage(search.found(), Optional.empty()));
        }
        return redis
                .run(commands -> commands.xrevrange(AuditKeys.ENTRIES, Range.create("-", highest), Limit.from(BATCH)))
                .flatMap(messages -> {
                    long last = before;
                    for (StreamMessage<String, String> message : messages) {
                        last = sequence(message);
                        Entry entry = entry(message);
                        if (query.isPast(entry)) {
                            return Mono.just(new AuditPage(search.found(), Optional.empty()));
                        }
                        take(query, search, last, entry);
                        if (search.found().size() == query.limit()) {
                            return Mono.just(new AuditPage(search.found(), Optional.of(last)));
                        }
                    }
                    if (messages.size() < BATCH) {
                        return Mono.just(new AuditPage(search.found(), Optional.empty()));
                    }
                    return left <= BATCH
                            ? Mono.just(new AuditPage(search.found(), Optional.of(last)))
                            : list(query, search, last, left - BATCH);
                });
    }

    private static void take(AuditQuery query, Search search, long sequence, Entry entry) {
        switch (entry) {
            case Entry.Ended ended -> search.ends().put(ended.of(), ended);
            case Entry.Begun begun -> {
                Entry.Ended end = search.ends().remove(sequence);
                if (query.matches(begun)) {
                    search.found().add(recorded(sequence, begun, end));
                }
            }
        }
    }

    private static AuditPage.Recorded recorded(long sequence, Entry.Begun begun, Entry.@Nullable Ended end) {
        return end == null
                ? new AuditPage.Recorded(sequence, begun.at(), begun.change(), Outcome.UNKNOWN, Optional.empty(),
                        Optional.empty(), null)
                : new AuditPage.Recorded(sequence, begun.at(), begun.change(), end.outcome(), Optional.of(end.at()),
                        Optional.of(end.status()), end.after());
    }

    Mono<Verification> verify() {
        return redis.run(commands -> commands.hmget(AuditKeys.HEAD, "seq", "hash")).flatMap(head -> {
            long last = Long.parseLong(head.getFirst().getValueOrElse("0"));
            String hash = head.getLast().getValueOrElse(AuditKeys.ORIGIN);
            return verify(new Chain(last, hash), "-");
        });
    }

    private Mono<Verification> verify(Chain chain, String from) {
        return redis.run(commands -> commands.xrange(AuditKeys.ENTRIES, Range.create(from, "+"), Limit.from(BATCH)))
                .flatMap(messages -> {
                    for (StreamMessage<String, String> message : messages) {
                        Optional<String> fault = chain.check(message);
                        if (fault.isPresent()) {
                            return Mono.just(chain.result(fault));
                        }
                    }
                    return messages.size() < BATCH || chain.isPastHead()
                            ? Mono.just(chain.result(chain.checkHead()))
                            : verify(chain, id(chain.seen + 1));
                });
    }

    /** Checks the chain up to the head that was read first; entries that are added meanwhile come after that. */
    private final class Chain {
        private final long last;
        private final String head;
        private long first;
        private long seen;
        private String hash = AuditKeys.ORIGIN;

        Chain(long last, String head) {
            this.last = last;
            this.head = head;
        }

        boolean isPastHead() {
            return seen >= last;
        }

        Optional<String> check(StreamMessage<String, String> message) {
            if (isPastHead() && seen > 0) {
                return Optional.empty();
            }
            long sequence = sequence(message);
            Map<String, String> body = message.getBody();
            String previous = body.getOrDefault("previous", "?");
            boolean isFirst = first == 0;
            if (isFirst) {
                first = sequence;
            } else if (sequence != seen + 1) {
                return Optional.of("Entries " + (seen + 1) + " to " + (sequence - 1) + " are missing.");
            }
            // If the beginning of the log was dropped, the hash before the first entry is unknown.
            if (!previous.equals(hash) && !(isFirst && sequence > 1)) {
                return Optional.of("Entry " + sequence + " does not follow the one before it.");
            }
            String record = body.getOrDefault("entry", "");
            if (!AuditKeys.hash(secrets, previous, record).equals(body.get("hash"))) {
                return Optional.of("Entry " + sequence + " was changed.");
            }
            try {
                Entry.decode(sequence, record);
            } catch (UnreadableRecordException moved) {
                return Optional.of("Entry " + sequence + " is in the wrong place.");
            }
            seen = sequence;
            hash = String.valueOf(body.get("hash"));
            return Optional.empty();
        }

        Optional<String> checkHead() {
            if (seen < last) {
                return Optional.of("The last entry is " + seen + ", but " + last + " were written.");
            }
            return seen == last && !hash.equals(head)
                    ? Optional.of("The hash of entry " + last
                            + " differs from the one recorded when it was written.")
                    : Optional.empty();
        }

        Verification result(Optional<String> fault) {
            return new Verification(first, last, head, fault);
        }
    }

    private static long sequence(StreamMessage<String, String> message) {
        String id = message.getId();
        return Long.parseLong(id.substring(0, id.indexOf('-')));
    }

    private static Entry entry(StreamMessage<String, String> message) {
        return Entry.decode(sequence(message), message.getBody().getOrDefault("entry", ""));
    }

    private static String id(long sequence) {
        return sequence + "-0";
    }
}
