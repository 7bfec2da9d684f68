package dev.postern.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NearCacheTest {
    private static final Duration LIFE = Duration.ofSeconds(30);
    private static final OutageSettings OUTAGE = new OutageSettings(Duration.ofMinutes(5), Duration.ofSeconds(30));

    /** A clock that has been running for so long that its numbers overflow during a test. */
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(20).toNanos());
    private final ChangeView view = new ChangeView(OUTAGE, nanos::get);
    private final List<String> refreshed = new ArrayList<>();
    private final NearCache<String, String> cache = new NearCache<>(view, key -> key, _ -> LIFE.toNanos(),
            String::length, 1 << 20, refreshed::add);

    @Test
    void cachesNothingUntilChangesAreHeard() {
        keep("lamp");
        assertThat(now("lamp")).isNull();

        view.caughtUp(nanos.get());
        keep("lamp");
        assertThat(now("lamp")).isEqualTo("lamp!");
    }

    @Test
    void invalidatesChangedRecords() {
        live("lamp", "door");

        view.changed("lamp");

        assertThat(now("lamp")).isNull();
        assertThat(now("door")).isEqualTo("door!");
    }

    @Test
    void doesNotCacheReadsFromBeforeAChange() {
        view.caughtUp(nanos.get());
        NearCache.Stamp before = cache.stamp("lamp");
        view.changed("lamp");

        cache.keep("lamp", "old", before);

        assertThat(now("lamp")).isNull();
        assertThat(cache.isCurrent(before)).isFalse();
    }

    @Test
    void doesNotCacheReadsFromBeforeMissedChanges() {
        view.caughtUp(nanos.get());
        NearCache.Stamp before = cache.stamp("lamp");
        view.startEpoch();
        view.caughtUp(nanos.get());

        cache.keep("lamp", "old", before);

        assertThat(now("lamp")).isNull();
    }

    @Test
    void readsAgainAfterMissedChanges() {
        live("lamp");

        view.startEpoch();
        view.caughtUp(nanos.get());

        assertThat(now("lamp")).isNull();
    }

    /**
     * A change that was missed may have ended the entry: once the gate has caught up, it no longer knows that the entry
     * is right.
     */
    @Test
    void usesOnlyEntriesOfThePresentEpochInAnOutage() {
        live("lamp");

        view.startEpoch();
        assertThat(cache.inOutage("lamp", Patience.READ)).as("in the outage in which it was missed").isEqualTo("lamp!");
        view.startEpoch();
        assertThat(cache.inOutage("lamp", Patience.READ)).as("missed twice").isEqualTo("lamp!");
        view.caughtUp(nanos.get());
        assertThat(cache.inOutage("lamp", Patience.READ)).as("in the next outage").isNull();
    }

    @Test
    void spreadsTheExpiryOfEntries() {
        Set<Long> lives = new HashSet<>();
        for (int round = 0; round < 50; round++) {
            live("lamp");
            long start = nanos.get();
            while (now("lamp") != null) {
                pass(Duration.ofMillis(100));
            }
            lives.add(nanos.get() - start);
        }

        assertThat(lives).hasSizeGreaterThan(5).allSatisfy(life -> assertThat(Duration.ofNanos(life))
                .isBetween(Duration.ofMillis(23_900), Duration.ofMillis(30_100)));
    }

    @Test
    void refreshesAnEntryInUseOnceBeforeItExpires() {
        live("lamp");
        pass(Duration.ofSeconds(15));
        assertThat(now("lamp")).isNotNull();
        assertThat(refreshed).isEmpty();

        pass(Duration.ofMillis(8500));
        for (int i = 0; i < 3; i++) {
            assertThat(now("lamp")).isNotNull();
        }

        assertThat(refreshed).containsExactly("lamp");
    }

    @Test
    void usesEntriesInAnOutageForAsLongAsPatienceLasts() {
        live("lamp");
        outage(Duration.ofSeconds(29));
        assertThat(now("lamp", Patience.READ)).isEqualTo("lamp!");
        assertThat(now("lamp", Patience.WRITE)).isEqualTo("lamp!");
        assertThat(now("lamp", Patience.NONE)).isNull();

        outage(Duration.ofSeconds(2));
        assertThat(now("lamp", Patience.READ)).isEqualTo("lamp!");
        assertThat(now("lamp", Patience.WRITE)).isNull();

        outage(Duration.ofSeconds(270));
        assertThat(now("lamp", Patience.READ)).isNull();
        assertThat(cache.inOutage("lamp", Patience.READ)).isNull();
    }

    @Test
    void neverUsesEntriesThatChangedBeforeTheOutage() {
        live("lamp");
        view.changed("lamp");

        outage(Duration.ofSeconds(2));

        assertThat(now("lamp", Patience.READ)).isNull();
        assertThat(cache.inOutage("lamp", Patience.READ)).isNull();
    }

    @Test
    void countsTheGracePeriodFromTheExpiryOfAnEntry() {
        live("lamp");
        for (int i = 0; i < 40; i++) {
            pass(Duration.ofSeconds(1));
        }
        assertThat(now("lamp")).as("has ended").isNull();

        outage(Duration.ofSeconds(25));

        assertThat(now("lamp", Patience.READ)).isEqualTo("lamp!");
        assertThat(now("lamp", Patience.WRITE)).as("35 s after it ended").isNull();
    }

    @Test
    void readsFromRedisWhileChangesAreNotHeard() {
        live("lamp");

        nanos.addAndGet(Duration.ofSeconds(3).toNanos());

        assertThat(view.state()).isEqualTo(StoreState.SUSPECT);
        assertThat(now("lamp")).isNull();
        assertThat(cache.inOutage("lamp", Patience.WRITE)).isEqualTo("lamp!");
        view.commandFailed();
        assertThat(view.state()).isEqualTo(StoreState.DOWN);
        assertThat(now("lamp")).isEqualTo("lamp!");
        view.commandAnswered();
        assertThat(now("lamp")).isNull();
        view.caughtUp(nanos.get());
        assertThat(view.state()).isEqualTo(StoreState.LIVE);
        assertThat(now("lamp")).as("nothing was missed").isEqualTo("lamp!");
    }

    @Test
    void staysWithinItsBound() {
        view.caughtUp(nanos.get());
        NearCache<String, String> small = new NearCache<>(view, key -> key, _ -> LIFE.toNanos(), String::length,
                100_000,
                _ -> {});

        for (int i = 0; i < 10_000; i++) {
            small.keep("key" + i, "x".repeat(260), small.stamp("key" + i));
        }

        assertThat(small.bytes()).isPositive().isLessThanOrEqualTo(100_000);
        assertThat(small.size()).isBetween(100L, 200L);
    }

    @Test
    void detectsARevokedRecordThatIsBack() {
        view.recordRevoked("lamp", ChangeView.digest("old"));

        assertThat(view.isRevived("lamp", "old")).isTrue();
        assertThat(view.isRevived("lamp", "new")).isFalse();
        assertThat(view.isRevived("door", "old")).isFalse();
        view.recordCreated("lamp");
        assertThat(view.isRevived("lamp", "old")).isFalse();
    }

    /** The clock stood still meanwhile. */
    @Test
    void doesNotUseEntriesFromBeforeASuspension() {
        AtomicLong wall = new AtomicLong(nanos.get());
        ChangeView suspended = new ChangeView(OUTAGE, nanos::get, wall::get);
        NearCache<String, String> remembers = new NearCache<>(suspended, key -> key, _ -> LIFE.toNanos(),
                String::length, 1 << 20, refreshed::add);
        suspended.caughtUp(nanos.get());
        remembers.keep("lamp", "on", remembers.stamp("lamp"));
        assertThat(suspended.compareClocks()).isFalse();
        wall.addAndGet(-Duration.ofHours(1).toNanos());
        assertThat(suspended.compareClocks()).as("set right").isFalse();
        assertThat(remembers.getIfUsable("lamp", nanos.get(), Patience.READ)).isEqualTo("on");

        wall.addAndGet(OUTAGE.readGrace().toNanos() + 1);
        assertThat(suspended.compareClocks()).isTrue();
        suspended.commandFailed();

        assertThat(suspended.state()).isEqualTo(StoreState.DOWN);
        assertThat(suspended.staleness()).isGreaterThan(OUTAGE.readGrace());
        assertThat(remembers.getIfUsable("lamp", nanos.get(), Patience.READ)).isNull();
        assertThat(remembers.inOutage("lamp", Patience.READ)).isNull();
        suspended.caughtUp(nanos.get());
        assertThat(remembers.getIfUsable("lamp", nanos.get(), Patience.READ)).as("once all is known").isEqualTo("on");
    }

    @Test
    void usesNoEntryWithoutPatience() {
        live("lamp");

        assertThat(now("lamp", Patience.NONE)).isNull();
    }

    private void live(String... keys) {
        view.caughtUp(nanos.get());
        for (String key : keys) {
            keep(key);
        }
    }

    private void keep(String key) {
        cache.keep(key, key + "!", cache.stamp(key));
    }

    /** Lets time pass while the gate hears of changes. */
    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        view.caughtUp(nanos.get());
    }

    /** Lets time pass while the gate hears of nothing. */
    private void outage(Duration time) {
        nanos.addAndGet(time.toNanos());
        view.commandFailed();
    }

    private @Nullable String now(String key) {
        return now(key, Patience.READ);
    }

    private @Nullable String now(String key, Patience patience) {
        return cache.getIfUsable(key, nanos.get(), patience);
    }
}
