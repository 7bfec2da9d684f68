package dev.postern.store;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The near cache of a gate without Redis, with a clock that stands still until it is moved. Redis answers at once, and
 * the gate learns of each change at once.
 */
public final class SimulatedGate {
    private long nanos;
    private final ChangeView view;
    private final NearCache<Integer, Integer> cache;
    private final Set<Integer> refreshing = new HashSet<>();
    private long loads;
    private long waiting;

    /** @param entries how many entries fit into the cache */
    public SimulatedGate(Duration timeToLive, long entries) {
        view = new ChangeView(new OutageSettings(Duration.ZERO, Duration.ZERO), () -> nanos);
        cache = new NearCache<>(view, item -> "subject-" + item, _ -> timeToLive.toNanos(), _ -> 0,
                entries * NearCache.ENTRY_BYTES, refreshing::add);
    }

    /** Sets the clock, in seconds since the start. */
    public void at(double seconds) {
        nanos = (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        view.caughtUp(nanos);
    }

    /** A call that needs an item. */
    public void call(int item) {
        if (cache.getIfUsable(item, nanos, Patience.READ) == null) {
            waiting++;
            load(item);
        }
        refreshing.forEach(this::load);
        refreshing.clear();
    }

    private void load(int item) {
        loads++;
        cache.keep(item, item, cache.stamp(item));
    }

    /** A change of an item. */
    public void change(int item) {
        view.changed("subject-" + item);
    }

    /** Reads from Redis since the start. */
    public long loads() {
        return loads;
    }

    /** Calls that waited for such a read. */
    public long waiting() {
        return waiting;
    }
}
