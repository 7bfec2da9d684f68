package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.store.RedisStore;
import io.lettuce.core.Range;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/**
 * Tracks the licenses that are near their limit or their end, for the metrics. The result is kept in Redis, so that all
 * gates report the same, even after a restart. It is updated a few seconds after an account's devices or license
 * change.
 */
public final class LicenseWatch implements SmartLifecycle {
    /** The maximum number of accounts that are reported individually. */
    static final int MAX_REPORTED = 50;
    /** An account is near its limit from this fraction of its seats. */
    private static final double NEAR = 0.9;

    private static final Logger LOG = LoggerFactory.getLogger(LicenseWatch.class);
    private static final String UNTIL = "postern:licenses-until";
    private static final String NEAR_LIMIT = "postern:licenses-near";
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final int MAX_TOUCHED = 10_000;
    private static final int AT_ONCE = 8;

    private final RedisStore redis;
    private final LicenseSource source;
    private final Clock clock;
    private final boolean enabled;
    private final Set<AccountId> touched = ConcurrentHashMap.newKeySet();
    private volatile List<Near> near = List.of();
    private volatile long expiring;
    private volatile Consumer<List<Near>> listener = _ -> {};
    private @Nullable Disposable ticking;

    public LicenseWatch(RedisStore redis, LicenseSettings settings, Clock clock) {
        this.redis = redis;
        this.source = LicenseSource.of(redis, clock, settings);
        this.clock = clock;
        this.enabled = settings.enabled();
    }

    /** An account that is near its limit. */
    public record Near(AccountId account, long seats, long used, long waiting) {}

    /** Registers a listener for every update of the accounts near their limit, nearest first. */
    public void listen(Consumer<List<Near>> consumer) {
        listener = consumer;
    }

    /** Called when an account's devices or license have changed. This is very cheap. */
    void licenseChanged(AccountId account) {
        // An account that is skipped here is handled at its next change.
        if (touched.size() < MAX_TOUCHED) {
            touched.add(account);
        }
    }

    @Override
    public void start() {
        if (!enabled) {
            return;
        }
        ticking = Flux.interval(INTERVAL).onBackpressureDrop().concatMap(_ -> look().onErrorResume(failure -> {
            LOG.debug("The licenses could not be checked: {}", failure.toString());
            return Mono.empty();
        }), 1).subscribe();
    }

    /** Updates the accounts that have changed, and reads the values for the metrics again. */
    public Mono<Void> look() {
        List<AccountId> changed = new ArrayList<>(touched);
        return Flux.fromIterable(changed).flatMap(this::putDownOnce, AT_ONCE).then(Mono.defer(this::readNear))
                .then(Mono.defer(this::readExpiring));
    }

    /**
     * Accounts that change meanwhile are updated next time. So are accounts that were not written because an earlier
     * failure cancelled the update.
     */
    private Mono<Void> putDownOnce(AccountId account) {
        return Mono.defer(() -> {
            touched.remove(account);
            return putDown(account);
        }).doFinally(end -> {
            if (end != SignalType.ON_COMPLETE) {
                touched.add(account);
            }
        });
    }

    private Mono<Void> putDown(AccountId account) {
        return source.read(account, List.of()).flatMap(facts -> {
            Optional<License> license = facts.license();
            if (license.isEmpty() || !license.get().enabled()) {
                return redis.run(commands -> commands.zrem(UNTIL, account.value()))
                        .then(redis.run(commands -> commands.zrem(NEAR_LIMIT, account.value()))).then();
            }
            long waiting = facts.devices() - facts.used();
            boolean isNear = waiting > 0
                    || (facts.used() > 0 && facts.used() >= NEAR * license.get().seats());
            return redis.run(
                    commands -> commands.zadd(UNTIL, (double) license.get().until().toEpochMilli(), account.value()))
                    .then(isNear
                            ? redis.run(commands -> commands.zadd(NEAR_LIMIT, (double) waiting, account.value()))
                            : redis.run(commands -> commands.zrem(NEAR_LIMIT, account.value())))
                    .then();
        });
    }

    private Mono<Void> readNear() {
        return redis.run(commands -> commands.zrevrange(NEAR_LIMIT, 0, MAX_REPORTED - 1))
                .flatMapMany(Flux::fromIterable).map(AccountId::new)
                .flatMapSequential(account -> source.read(account, List.of()).flatMap(facts -> Mono.justOrEmpty(
                        facts.license().map(license -> new Near(account, license.seats(), facts.used(),
                                facts.devices() - facts.used())))),
                        AT_ONCE)
                .collectList().doOnNext(found -> {
                    near = found;
                    listener.accept(found);
                }).then();
    }

    private Mono<Void> readExpiring() {
        double now = clock.millis();
        return redis.run(commands -> commands.zcount(UNTIL, Range.from(
                Range.Boundary.excluding(now),
                Range.Boundary.including(now + License.EXPIRING.toMillis()))))
                .doOnNext(count -> expiring = count).then();
    }

    /** The accounts near their limit, those with the most waiting devices first. */
    public List<Near> near() {
        return near;
    }

    /** The number of licenses that end within the next 30 days. */
    public long expiring() {
        return expiring;
    }

    @Override
    public void stop() {
        if (ticking != null) {
            ticking.dispose();
            ticking = null;
        }
    }

    @Override
    public boolean isRunning() {
        return ticking != null;
    }
}
