package dev.postern.store;

import io.lettuce.core.cluster.SlotHash;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.util.context.ContextView;

/**
 * What one call has changed: the slots of it, and the records that it ended, as they were. It goes along in the context of the
 * call, for {@link Replication}. A call without one does not wait for replicas.
 */
final class Written {
    /** Of more records that one call ends, only the slots are kept. */
    private static final int MAX_ENDED = 1000;

    private final Map<Integer, Part> bySlot = new HashMap<>();
    private int ended;

    /**
     * What is in one slot.
     *
     * @param key   some key of it
     * @param ended the SHA-1 of records that have ended, by their keys
     */
    record Part(int slot, String key, Map<String, String> ended) {
        /** A key of the same slot, for the mark. */
        String mark() {
            int open = key.indexOf('{');
            int close = key.indexOf('}', open + 1);
            return "postern:{" + (open >= 0 && close > open + 1 ? key.substring(open + 1, close) : key) + "}:mark";
        }
    }

    static Optional<Written> in(ContextView context) {
        return context.getOrEmpty(Written.class);
    }

    synchronized void changed(String key) {
        part(key);
    }

    synchronized void ended(String key, String text) {
        Part part = part(key);
        if (ended < MAX_ENDED) {
            ended++;
            part.ended().put(key, Script.sha1(text));
        }
    }

    private Part part(String key) {
        return bySlot.computeIfAbsent(SlotHash.getSlot(key), slot -> new Part(slot, key, new LinkedHashMap<>()));
    }

    /** At most as many as a Cluster has slots. */
    synchronized List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        bySlot.values().forEach(part -> parts.add(new Part(part.slot(), part.key(), Map.copyOf(part.ended()))));
        return parts;
    }
}
