package dev.postern.search;

import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * The journal of a list: a short Redis stream, in the slot of the account, that tells the gates which names in their
 * memory have changed. It exists only while a gate reads it. Scripts write to it with {@link #LIBRARY}.
 */
public final class NameJournal {
    /** Prepended to scripts that add, rename or remove items. */
    public static final String LIBRARY = "/dev/postern/search/note-changes.lua";

    /** How long a journal is kept without readers. Longer than any gate keeps names without reading it. */
    private static final Duration KEPT = Duration.ofHours(1);
    private static final int AT_ONCE = 100;
    private static final String BEGUN = "begun";

    private final RedisStore redis;
    private final Script open = Script.read("/dev/postern/search/open-journal.lua");
    private final Script read = Script.read("/dev/postern/search/read-journal.lua");

    /** Reads files: do not call on an event loop. */
    NameJournal(RedisStore redis) {
        this.redis = redis;
    }

    /**
     * The key of the journal of a list.
     *
     * @param list the key of the list
     */
    public static String key(String list) {
        return list + "-journal";
    }

    /**
     * The next changes.
     *
     * @param position where to continue reading
     * @param changes  the changed items, and whether the change is done
     * @param isLast   whether there were no more
     */
    record Part(String position, Map<String, Boolean> changes, boolean isLast) {}

    /** Begins to follow a list; returns the position after which the journal has all changes. */
    Mono<String> open(String list) {
        return open.text(redis, new String[]{key(list)}, seconds());
    }

    /** Reads the changes since a position; empty if the journal has not kept all: the whole list must be read again. */
    Mono<Optional<Part>> read(String list, String position) {
        return read.list(redis, new String[]{key(list)}, position, Integer.toString(AT_ONCE), seconds())
                .map(reply -> reply.isEmpty() ? Optional.empty() : Optional.of(part(reply)));
    }

    private static Part part(List<String> reply) {
        Map<String, Boolean> changes = HashMap.newHashMap(reply.size() / 2);
        for (int i = 1; i < reply.size(); i += 2) {
            if (!reply.get(i).isEmpty()) {
                changes.put(reply.get(i), !reply.get(i + 1).equals(BEGUN));
            }
        }
        // The number of items does not tell the number of entries, so only an empty part is known to be the last.
        return new Part(reply.getFirst(), changes, reply.size() == 1);
    }

    private static String seconds() {
        return Long.toString(KEPT.toSeconds());
    }
}
