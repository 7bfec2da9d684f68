package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

    private final Map<Key, Sinks.Empty<Void>> running = new ConcurrentHashMap<>();
    private final LongAdder dropped = new LongAdder();

    private record Key(AccountId account, DeviceId device) {}

    /** Runs a change of a device after the one of the same device before it; at once, and on its own. */
    void run(AccountId account, DeviceId device, Mono<?> change) {
        if (running.size() >= MAX) {
            dropped.increment();
            return;
        }
        Key key = new Key(account, device);
        Sinks.Empty<Void> mine = Sinks.empty();
        Sinks.Empty<Void> before = running.put(key, mine);
        var _ = (before == null ? Mono.<Void>empty() : before.asMono()).then(change).doFinally(_ -> {
            running.remove(key, mine);
            mine.tryEmitEmpty();
        }).subscribe(_ -> {}, _ -> {});
    }

    /** Ends when nothing is known to be going on with any of these. */
    Mono<Void> await(AccountId account, List<DeviceId> devices) {
        if (running.isEmpty()) {
            return Mono.empty();
        }
        return Flux.fromIterable(devices).concatMap(device -> {
            Sinks.Empty<Void> going = running.get(new Key(account, device));
            return going == null ? Mono.<Void>empty() : going.asMono();
        }).then();
    }

    int size() {
        return running.size();
    }

    long dropped() {
        return dropped.sum();
    }
}
