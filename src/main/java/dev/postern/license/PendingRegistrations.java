package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Runs changes of devices (added or removed) that the gate learned from replies, and lets calls wait for them: a client
 * may call a device before its change is done. At most 10,000 changes are pending; further ones are dropped and counted
 * as failures.
 */
final class PendingRegistrations {
    private static final int MAX = 10_000;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private final Map<Key, Sinks.Empty<Void>> running = new ConcurrentHashMap<>();
    private final AtomicInteger changes = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();

    private record Key(AccountId account, DeviceId device) {}

    /** Runs a change of a device in the background, after earlier changes of the same device. */
    void run(AccountId account, DeviceId device, Mono<?> change) {
        // Counts changes rather than devices, because any number of changes can wait for the same device.
        if (changes.incrementAndGet() > MAX) {
            changes.decrementAndGet();
            dropped.increment();
            return;
        }
        Key key = new Key(account, device);
        Sinks.Empty<Void> mine = Sinks.empty();
        Sinks.Empty<Void> before = running.put(key, mine);
        var _ = (before == null ? Mono.<Void>empty() : before.asMono()).then(change).doFinally(_ -> {
            running.remove(key, mine);
            changes.decrementAndGet();
            mine.tryEmitEmpty();
        }).subscribe(_ -> {}, _ -> {});
    }

    /**
     * Completes when no change of these devices is in progress, or after a short timeout: while the store is
     * unavailable, a change is retried for longer than a caller can wait.
     */
    Mono<Void> await(AccountId account, List<DeviceId> devices) {
        if (running.isEmpty()) {
            return Mono.empty();
        }
        return Flux.fromIterable(devices).concatMap(device -> {
            Sinks.Empty<Void> going = running.get(new Key(account, device));
            return going == null ? Mono.<Void>empty() : going.asMono();
        }).then().timeout(LONGEST_WAIT, Mono.empty());
    }

    int size() {
        return changes.get();
    }

    long dropped() {
        return dropped.sum();
    }
}
