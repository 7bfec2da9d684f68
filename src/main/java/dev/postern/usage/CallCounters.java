package dev.postern.usage;

import dev.postern.access.AccountId;
import dev.postern.access.CredentialId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The counters of the credentials that are in use. Bounded: calls with credentials beyond the limit are not counted.
 */
final class CallCounters {
    /** The number of rounds after which an idle counter is removed. */
    private static final int MAX_IDLE_ROUNDS = 30;

    private final int max;
    private final ConcurrentHashMap<CredentialId, CallCounter> counters = new ConcurrentHashMap<>();
    /** The number of counters. The map itself would have to add it up each time. */
    private final AtomicInteger places = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    /** Removed in the last round. A call that found one of them before has added to it by now. */
    private List<CallCounter> retired = List.of();

    CallCounters(int max) {
        this.max = max;
    }

    void add(AccountId account, CredentialId credential, long now) {
        CallCounter counter = counters.get(credential);
        if (counter == null) {
            counter = newCounter(account, credential);
        }
        if (counter == null) {
            dropped.increment();
        } else {
            counter.add(now);
        }
    }

    private @Nullable CallCounter newCounter(AccountId account, CredentialId credential) {
        if (places.incrementAndGet() > max) {
            places.decrementAndGet();
            return null;
        }
        CallCounter fresh = new CallCounter(account, credential);
        CallCounter present = counters.putIfAbsent(credential, fresh);
        if (present == null) {
            return fresh;
        }
        places.decrementAndGet();
        return present;
    }

    /** Hands over all calls since the last time. For the worker only. */
    void take(long now, CallCounter.Taker taker) {
        retired.forEach(counter -> counter.take(now, taker));
        List<CallCounter> idle = new ArrayList<>();
        for (CallCounter counter : counters.values()) {
            counter.take(now, taker);
            if (counter.idleRounds() > MAX_IDLE_ROUNDS && counters.remove(counter.credential(), counter)) {
                places.decrementAndGet();
                idle.add(counter);
            }
        }
        retired = idle;
    }

    int size() {
        return places.get();
    }

    void drop(long calls) {
        dropped.add(calls);
    }

    /** Calls that were not counted since the start. */
    long dropped() {
        return dropped.sum();
    }
}
