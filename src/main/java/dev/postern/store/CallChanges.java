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
 * What one call has changed: the slots of it, the records that it ended, as they were, and how far the log of changes has come by
 * it. It goes along in the context of the call, for {@link Replication}. A call without one does not wait for replicas.
 */
final class CallChanges {
    /** Of more records that one call ends, only the slots are kept. */
    private static final int MAX_ENDED = 1000;
    /** So many records are looked at by one command. */
    private static final int AT_ONCE = 250;

    private final Map<Integer, Slot> slots = new HashMap<>();
    private int ended;
    private ChangeLog.@Nullable Place logged;

    /** What was changed in a slot. */
    private static final class Slot {
        final String key;
        final Map<String, String> ended = new LinkedHashMap<>();
        boolean hasMore;

        Slot(String key) {
            this.key = key;
        }
    }

    /**
     * What was changed in one place.
     *
     * @param slot   of a Cluster
     * @param key    some key of it
     * @param ended  the SHA-1 of records that have ended, by their keys
     * @param logged the last change in the log, if that is here
     * @param isSure whether all of it can be looked at
     */
    record Part(int slot, String key, Map<String, String> ended, Optional<ChangeLog.Place> logged, boolean isSure) {
        Part {
            ended = Map.copyOf(ended);
        }

        /** Whether there is anything to look at. */
        boolean canBeSeen() {
            return !ended.isEmpty() || logged.isPresent();
        }

        /** A key of the same slot, for the mark. */
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

    /** For a server that has everything. What it has of the log it has of all that was done before, so that this shows it all. */
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

    /** By slots of a Cluster, and so at most as many as it has. If the log is lost, gates see that, and read everything again. */
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
