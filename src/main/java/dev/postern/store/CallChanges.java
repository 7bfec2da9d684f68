package dev.postern.store;

import io.lettuce.core.cluster.SlotHash;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * The changes of one call: the Cluster slots, the records that it revoked (as they were before), and the call's last
 * entry in the log of changes. It travels in the Reactor context of the call, for {@link Replication}. A call without
 * a {@code CallChanges} in its context does not wait for replicas.
 */
final class CallChanges {
    /** Beyond this number of revoked records, only the slots are kept. */
    private static final int MAX_ENDED = 1000;
    /** One command checks at most this many records. */
    private static final int AT_ONCE = 250;

    private final Map<Integer, Slot> slots = new HashMap<>();
    private int ended;
    private ChangeLog.@Nullable Place logged;

    /** Changes in one slot. */
    private static final class Slot {
        final String key;
        final Map<String, String> ended = new LinkedHashMap<>();
        boolean hasMore;

        Slot(String key) {
            this.key = key;
        }
    }

    /**
     * Changes that are checked by one command.
     *
     * @param slot   the slot in a Cluster
     * @param key    any key in that slot
     * @param ended  the SHA-1 of each revoked record, by its key
     * @param logged the call's last entry in the log, if the log is on this node
     * @param isSure whether all changes can be checked
     */
    record Part(int slot, String key, Map<String, String> ended, Optional<ChangeLog.Place> logged, boolean isSure) {
        Part {
            ended = Map.copyOf(ended);
        }

        /** Whether there is anything to check. */
        boolean canBeSeen() {
            return !ended.isEmpty() || logged.isPresent();
        }

        /** A key in the same slot, for the mark. */
        String mark() {
            int open = key.indexOf('{');
            int close = key.indexOf('}', open + 1);
            return "postern:{" + (open >= 0 && close > open + 1 ? key.substring(open + 1, close) : key) + "}:mark";
        }
    }

    static Optional<CallChanges> in(ContextView context) {
        return context.getOrEmpty(CallChanges.class);
    }

    synchronized void changed(String key) {
        slot(key).hasMore = true;
    }

    synchronized void ended(String key, String text) {
        Slot slot = slot(key);
        if (ended < MAX_ENDED) {
            ended++;
            slot.ended.put(key, Script.sha1(text));
        } else {
            slot.hasMore = true;
        }
    }

    synchronized void logged(ChangeLog.Place place) {
        if (logged == null || !logged.log().equals(place.log()) || logged.number() < place.number()) {
            logged = place;
        }
    }

    private Slot slot(String key) {
        return slots.computeIfAbsent(SlotHash.getSlot(key), _ -> new Slot(key));
    }

    /**
     * For a single server. If the server has the log entry, it also has everything that was done before the entry, so
     * this covers all changes.
     */
    synchronized List<Part> together() {
        List<Part> parts = new ArrayList<>();
        Map<String, String> some = new LinkedHashMap<>();
        for (Slot slot : slots.values()) {
            for (Map.Entry<String, String> record : slot.ended.entrySet()) {
                some.put(record.getKey(), record.getValue());
                if (some.size() == AT_ONCE) {
                    parts.add(inLog(some, Optional.ofNullable(logged)));
                    some = new LinkedHashMap<>();
                }
            }
        }
        parts.add(inLog(some, Optional.ofNullable(logged)));
        return parts;
    }

    /**
     * Grouped by Cluster slot, so there are never more parts than slots. The log is not checked: if it is lost, gates
     * notice and read everything again.
     */
    synchronized List<Part> bySlot() {
        List<Part> parts = new ArrayList<>();
        if (slots.isEmpty()) {
            parts.add(inLog(Map.of(), Optional.ofNullable(logged)));
        }
        slots.forEach((number, slot) -> parts.add(
                new Part(number, slot.key, slot.ended, Optional.empty(), !slot.hasMore)));
        return parts;
    }

    private static Part inLog(Map<String, String> ended, Optional<ChangeLog.Place> logged) {
        return new Part(SlotHash.getSlot(ChangeLog.HEAD), ChangeLog.HEAD, ended, logged, true);
    }
}
