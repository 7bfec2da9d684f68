package dev.postern.usage;

import dev.postern.access.AccountId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The sightings that are not in Redis yet. Bounded: a sighting beyond the limit is dropped and counted. A sighting is
 * removed only when Redis has it, when its account is forgotten, or when Redis can never take it.
 */
final class PendingSightings {
    private final int max;
    private final Set<Sighting> pending = ConcurrentHashMap.newKeySet();
    /** The size of the set; the set itself would have to count its elements. */
    private final AtomicInteger places = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();

    PendingSightings(int max) {
        this.max = max;
    }

    void add(Sighting sighting) {
        if (pending.contains(sighting)) {
            return;
        }
        if (places.incrementAndGet() > max) {
            places.decrementAndGet();
            dropped.increment();
        } else if (!pending.add(sighting)) {
            places.decrementAndGet();
        }
    }

    /** Removes a sighting; false if it was already gone. */
    boolean remove(Sighting sighting) {
        boolean there = pending.remove(sighting);
        if (there) {
            places.decrementAndGet();
        }
        return there;
    }

    /** Removes sightings that Redis can never take, and counts them. */
    void drop(List<Sighting> sightings) {
        for (Sighting sighting : sightings) {
            if (remove(sighting)) {
                dropped.increment();
            }
        }
    }

    /** Removes all sightings of an account that is being deleted. */
    void forget(AccountId account) {
        pending.stream().filter(sighting -> sighting.account().equals(account)).forEach(this::remove);
    }

    boolean contains(Sighting sighting) {
        return pending.contains(sighting);
    }

    /** The sightings at this moment; others may come and go while they are visited. */
    Iterable<Sighting> all() {
        return pending;
    }

    int size() {
        return places.get();
    }

    /** How many sightings were dropped since the start. */
    long dropped() {
        return dropped.sum();
    }
}
