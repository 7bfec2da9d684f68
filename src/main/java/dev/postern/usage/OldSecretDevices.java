package dev.postern.usage;

import dev.postern.access.AccountId;
import dev.postern.access.CredentialId;
import dev.postern.access.DeviceId;
import dev.postern.access.OldSecret;
import dev.postern.access.Principal;
import dev.postern.account.AccountRecord;
import dev.postern.credential.CredentialUse;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The devices that are still called with a secret that was replaced. Calls note them in memory, and
 * {@link CredentialCalls} has them written to Redis with its own counts. Bounded: a device beyond the limit is dropped,
 * and noted when it is called again. Writing one twice is harmless.
 */
final class OldSecretDevices {
    /** The maximum number of devices that Redis keeps of one secret. */
    static final int MAX_LISTED = 1000;

    private static final int BATCH = 200;
    private static final Duration KEEP_AFTER = Duration.ofDays(1);

    private final RedisStore redis;
    private final Clock clock;
    private final int max;
    private final ConcurrentHashMap<Noted, Long> pending = new ConcurrentHashMap<>();
    private final AtomicInteger places = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    private final Script note = Script.read("/dev/postern/usage/note-old-secret.lua");

    OldSecretDevices(RedisStore redis, Clock clock, int max) {
        this.redis = redis;
        this.clock = clock;
        this.max = max;
    }

    /** A secret that was replaced. */
    private record Secret(AccountId account, CredentialId credential, OldSecret old) {}

    private record Noted(Secret secret, DeviceId device) {}

    void note(Principal principal, List<DeviceId> devices) {
        if (principal.oldSecret().isEmpty() || principal.listed().isEmpty()) {
            return;
        }
        long now = clock.millis();
        Secret secret = new Secret(principal.account(), principal.listed().get(), principal.oldSecret().get());
        for (int i = 0; i < devices.size(); i++) {
            add(new Noted(secret, devices.get(i)), now);
        }
    }

    private void add(Noted noted, long now) {
        if (pending.replace(noted, now) != null) {
            return;
        }
        if (places.incrementAndGet() > max) {
            places.decrementAndGet();
            dropped.increment();
        } else if (pending.put(noted, now) != null) {
            places.decrementAndGet();
        }
    }

    int pending() {
        return places.get();
    }

    long dropped() {
        return dropped.sum();
    }

    /** Writes the noted devices. Those that Redis does not accept stay in memory. */
    Mono<Void> flush(Scheduler worker) {
        return Flux.defer(() -> Flux.fromIterable(batches())).concatMap(batch -> write(batch, worker)).then();
    }

    private record Batch(Secret secret, Map<DeviceId, Long> devices) {}

    private List<Batch> batches() {
        Map<Secret, Batch> open = new HashMap<>();
        List<Batch> all = new ArrayList<>();
        pending.forEach((noted, last) -> {
            Batch batch = open.get(noted.secret());
            if (batch == null || batch.devices().size() == BATCH) {
                batch = new Batch(noted.secret(), new HashMap<>());
                open.put(noted.secret(), batch);
                all.add(batch);
            }
            batch.devices().put(noted.device(), last);
        });
        return all;
    }

    private Mono<Void> write(Batch batch, Scheduler worker) {
        Secret secret = batch.secret();
        AccountId account = secret.account();
        String id = secret.credential().value();
        Duration left = Duration.between(clock.instant(), secret.old().until()).plus(KEEP_AFTER);
        if (!left.isPositive()) {
            return Mono.fromRunnable(() -> done(batch));
        }
        List<String> arguments = new ArrayList<>(List.of(id, Long.toString(Math.max(1, left.toSeconds())),
                Integer.toString(MAX_LISTED)));
        batch.devices().forEach((device, last) -> {
            arguments.add(device.value());
            arguments.add(Long.toString(last));
        });
        return note.number(redis, new String[]{AccountRecord.key(account), CredentialUse.gone(account),
                CredentialUse.devicesOnOldSecret(account, id, secret.old()),
                CredentialUse.countOnOldSecret(account, id, secret.old())}, arguments.toArray(String[]::new))
                // Off the connection's single thread, which serves other callers too.
                .publishOn(worker).doOnNext(_ -> done(batch)).then();
    }

    /** A device that was called again meanwhile is written again. */
    private void done(Batch batch) {
        batch.devices().forEach((device, last) -> {
            if (pending.remove(new Noted(batch.secret(), device), last)) {
                places.decrementAndGet();
            }
        });
    }
}
