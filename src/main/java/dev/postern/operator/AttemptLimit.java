package dev.postern.operator;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Limits failed attempts to sign in, by client address and by operator name, at this gate. Whoever exceeds the limit
 * has to wait, even with the right password.
 */
public final class AttemptLimit {
    /** Failed attempts from one address within {@link #WINDOW}. */
    public static final int BY_SOURCE = 30;
    /** Failed attempts with one name within {@link #WINDOW}. */
    public static final int BY_NAME = 10;
    public static final Duration WINDOW = Duration.ofMinutes(15);

    private static final int MAX_TRACKED = 10_000;

    private final Clock clock;
    private final int bySource;
    private final int byName;
    private final Cache<String, Failures> sources;
    private final Cache<String, Failures> names;

    private record Failures(int count, long until) {}

    public AttemptLimit(Clock clock) {
        this(clock, BY_SOURCE, BY_NAME);
    }

    /**
     * @param bySource attempts from one address within {@link #WINDOW}
     * @param byName   attempts with one name within {@link #WINDOW}
     */
    public AttemptLimit(Clock clock, int bySource, int byName) {
        this.clock = clock;
        this.bySource = bySource;
        this.byName = byName;
        this.sources = cache(clock);
        this.names = cache(clock);
    }

    private static Cache<String, Failures> cache(Clock clock) {
        Ticker ticker = () -> Duration.ofMillis(clock.millis()).toNanos();
        return Caffeine.newBuilder().maximumSize(MAX_TRACKED).expireAfterWrite(WINDOW).ticker(ticker).build();
    }

    /**
     * How long the caller has to wait before the next attempt; empty if it may try now.
     *
     * @param name empty if the attempt has no valid name
     */
    public Optional<Duration> wait(String source, String name) {
        long now = clock.millis();
        long until = Math.max(until(sources, source, bySource), name.isEmpty() ? 0 : until(names, name, byName));
        return until > now ? Optional.of(Duration.ofMillis(until - now)) : Optional.empty();
    }

    private static long until(Cache<String, Failures> cache, String key, int limit) {
        Failures failures = cache.getIfPresent(key);
        return failures != null && failures.count() >= limit ? failures.until() : 0;
    }

    /** Counts a failed attempt. */
    public void failed(String source, String name) {
        note(sources, source);
        note(names, name);
    }

    private void note(Cache<String, Failures> cache, String key) {
        long now = clock.millis();
        cache.asMap().merge(key, new Failures(1, now + WINDOW.toMillis()),
                (before, first) -> before.until() <= now ? first : new Failures(before.count() + 1, before.until()));
    }

    /** Forgets the failures with this name: its operator signed in. Those of the address stay. */
    public void succeeded(String name) {
        names.invalidate(name);
    }
}
