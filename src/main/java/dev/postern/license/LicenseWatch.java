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
 * Keeps an eye on the licenses that are near their limit or their end, for the metrics. Which ones those are stands in Redis, so
 * that every gate says the same, after a restart too; it is put down a few seconds after something of an account has changed.
 */
public final class LicenseWatch implements SmartLifecycle {
    /** Most accounts that are reported each for itself. */
    public static final int MAX_REPORTED = 50;
    /** From such a part of its seats on an account is near its limit. */
    public static final double NEAR = 0.9;

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

    /** Told each time of those near their limit, the nearest first. */
    public void listen(Consumer<List<Near>> consumer) {
        listener = consumer;
    }

    /** Something of an account's devices or license has changed. Costs next to nothing. */
    void touched(AccountId account) {
        // An account that is left out is found at its next change.
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
            LOG.debug("The licenses could not be looked at: {}", failure.toString());
            return Mono.empty();
        }), 1).subscribe();
    }

    /** Looks at what has changed, and reads anew what the metrics show. */
    public Mono<Void> look() {
        List<AccountId> changed = new ArrayList<>(touched);
        return Flux.fromIterable(changed).flatMap(this::putDownOnce, AT_ONCE).then(Mono.defer(this::readNear))
                .then(Mono.defer(this::readExpiring));
    }

    /** What changes meanwhile is looked at the next time, and so is what was not put down: the first failure cancels the others. */
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

    /** Those near their limit, the one with the most waiting devices first. */
    public List<Near> near() {
        return near;
    }

    /** How many licenses end within the next 30 days. */
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
