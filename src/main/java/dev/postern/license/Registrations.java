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
 * Devices that this gate is just registering because of a backend's reply: a client may call them before that is done. Bounded;
 * what is over the bound is not registered, and counted.
 */
final class Registrations {
    private static final int MAX = 10_000;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private final Map<Key, Sinks.Empty<Void>> running = new ConcurrentHashMap<>();
    private final AtomicInteger changes = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();

    private record Key(AccountId account, DeviceId device) {}

    /** Runs a change of a device after the one of the same device before it; at once, and on its own. */
    void run(AccountId account, DeviceId device, Mono<?> change) {
        // Not how many devices: any number of changes may wait for the same one.
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
     * Ends when nothing is known to be going on with any of these, or after a moment: while the store is away a change is tried
     * again for longer than a caller can wait.
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
