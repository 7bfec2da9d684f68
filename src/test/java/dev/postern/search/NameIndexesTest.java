package dev.postern.search;

import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.access.AccountId;
import dev.postern.search.NameIndexes.Result;
import dev.postern.search.NameIndexes.Search;
import dev.postern.store.AccountWork;
import dev.postern.store.ListingSettings;
import dev.postern.store.Scripts;
import dev.postern.store.TestRedis;
import dev.postern.support.OwnsItsGate;
import io.lettuce.core.KeyValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** Two gates search a list that other calls change. The list is a hash of names. */
@OwnsItsGate
class NameIndexesTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final String JOURNAL = NameJournal.key(list(ACME));
    private static final String SET = Scripts.read(NameJournal.LIBRARY)
            + "redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) note_changes(KEYS[2], {ARGV[1]}, 'done') return 1";
    private static final String NOTE = Scripts.read(NameJournal.LIBRARY)
            + "note_changes(KEYS[1], {ARGV[1]}, ARGV[2]) return 1";

    @TempDir
    private static Path folder;
    private static TestRedis redis;

    private final Names source = new Names();
    private final NameIndexes one = indexes(10_000_000);
    private final NameIndexes other = indexes(10_000_000);

    @BeforeAll
    static void start() {
        redis = TestRedis.start(folder);
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @BeforeEach
    void clear() {
        redis.clear();
    }

    private static NameIndexes indexes(long memory) {
        return new NameIndexes(redis.store(), work(), memory);
    }

    private static AccountWork work() {
        return new AccountWork(new ListingSettings(8, 16, 256, Duration.ofSeconds(10), Duration.ofSeconds(30), null),
                task -> Thread.ofVirtual().start(task), 2);
    }

    private static String list(AccountId account) {
        return "postern:{" + account + "}:things";
    }

    /** Reads the hash, and counts how often it was read as a whole. */
    private static final class Names implements NameSource {
        private int wholeReads;
        private Flux<Item> before = Flux.empty();

        @Override
        public String list(AccountId account) {
            return NameIndexesTest.list(account);
        }

        @Override
        public Flux<Item> all(AccountId account) {
            wholeReads++;
            return before.concatWith(redis.store().run(commands -> commands.hgetall(list(account)))
                    .flatMapIterable(all -> all.entrySet().stream()
                            .map(entry -> new Item(entry.getKey(), 0, 0, entry.getValue())).toList()));
        }

        @Override
        public Flux<Item> read(AccountId account, List<String> ids) {
            return redis.store().run(commands -> commands.hmget(list(account), ids.toArray(String[]::new)))
                    .flatMapIterable(found -> found.stream().filter(KeyValue::hasValue)
                            .map(entry -> new Item(entry.getKey(), 0, 0, entry.getValue())).toList());
        }
    }

    private static void set(String id, String name) {
        get(Scripts.run(redis.store(), SET, new String[]{list(ACME), JOURNAL}, id, name));
    }

    private static void note(String id, String state) {
        get(Scripts.run(redis.store(), NOTE, new String[]{JOURNAL}, id, state));
    }

    private List<String> found(NameIndexes indexes, String term) {
        return find(indexes, ACME, term).ids();
    }

    private Result find(NameIndexes indexes, AccountId account, String term) {
        return get(indexes.find(account, source, new Search(Optional.of(term), _ -> true, 0, 100)));
    }

    @Test
    void keepsNoJournalOfAListThatNobodySearches() {
        set("1", "lamp");
        assertThat(redis.<Long>run(commands -> commands.exists(JOURNAL))).isZero();
    }

    @Test
    void readsTheListOnceAndThenOnlyWhatChanged() {
        set("1", "lamp");
        assertThat(found(one, "lamp")).containsExactly("1");
        set("2", "old lamp");
        set("1", "door");
        assertThat(found(one, "lamp")).containsExactly("2");
        assertThat(found(one, "door")).containsExactly("1");
        assertThat(source.wholeReads).isOne();
    }

    @Test
    void findsAtEachGateWhatAnyCallChanged() {
        for (int round = 0; round < 20; round++) {
            set("id-" + round, "lamp " + round);
            assertThat(found(round % 2 == 0 ? one : other, "lamp")).hasSize(round + 1);
        }
        assertThat(source.wholeReads).isEqualTo(2);
    }

    /** The call died after its first step, so nothing says whether the record was written. */
    @Test
    void readsAnItemAgainWhoseChangeNeverEnded() {
        set("1", "lamp");
        assertThat(found(one, "lamp")).containsExactly("1");
        note("1", "begun");
        assertThat(found(one, "lamp")).containsExactly("1");
        redis.run(commands -> commands.hset(list(ACME), "1", "door"));
        assertThat(found(one, "door")).containsExactly("1");
        redis.run(commands -> commands.hdel(list(ACME), "1"));
        assertThat(found(one, "door")).isEmpty();
    }

    @Test
    void readsTheListAgainWhenTheJournalIsLost() {
        set("1", "lamp");
        assertThat(found(one, "lamp")).containsExactly("1");
        redis.run(commands -> commands.del(JOURNAL));
        set("2", "lamp");
        assertThat(found(one, "lamp")).containsExactlyInAnyOrder("1", "2");
        assertThat(source.wholeReads).isEqualTo(2);
    }

    @Test
    void readsTheListAgainWhenMoreChangedThanTheJournalHolds() {
        assertThat(found(one, "lamp")).isEmpty();
        for (int i = 0; i < 1300; i++) {
            set("id-" + i, "lamp");
        }
        assertThat(find(one, ACME, "lamp").total()).isEqualTo(1300);
        assertThat(source.wholeReads).isEqualTo(2);
        assertThat(redis.<Long>run(commands -> commands.xlen(JOURNAL))).isLessThan(1200);
    }

    @Test
    void findsWhatChangesWhileTheListIsRead() {
        set("1", "lamp");
        Sinks.Empty<NameSource.Item> gate = Sinks.empty();
        source.before = gate.asMono().flux();
        var search = one.find(ACME, source, new Search(Optional.of("lamp"), _ -> true, 0, 100)).cache();
        Disposable running = search.subscribe();
        org.awaitility.Awaitility.await().until(() -> source.wholeReads == 1);
        set("2", "lamp");
        gate.tryEmitEmpty();
        assertThat(get(search).ids()).containsExactlyInAnyOrder("1", "2");
        running.dispose();
    }

    /** The loading goes on, so that the next call finds more. */
    @Test
    void losesNothingWhenACallerGivesUp() {
        set("1", "lamp");
        Sinks.Empty<NameSource.Item> gate = Sinks.empty();
        source.before = gate.asMono().flux();
        Disposable impatient = one.find(ACME, source, new Search(Optional.of("lamp"), _ -> true, 0, 100)).subscribe();
        org.awaitility.Awaitility.await().until(() -> source.wholeReads == 1);
        impatient.dispose();
        gate.tryEmitEmpty();
        assertThat(found(one, "lamp")).containsExactly("1");
        assertThat(source.wholeReads).isOne();
    }

    /** The failure belongs to the callers of that time. */
    @Test
    void loadsAgainAfterALoadThatFailedWhenNobodyWaitedAnyMore() {
        set("1", "lamp");
        Sinks.Empty<NameSource.Item> gate = Sinks.empty();
        source.before = gate.asMono().flux();
        Disposable impatient = one.find(ACME, source, new Search(Optional.of("lamp"), _ -> true, 0, 100)).subscribe();
        org.awaitility.Awaitility.await().until(() -> source.wholeReads == 1);
        impatient.dispose();
        gate.tryEmitError(new IllegalStateException("a failure of long ago"));
        source.before = Flux.empty();
        assertThat(found(one, "lamp")).containsExactly("1");
    }

    /** A page was read while the item was removed and added again. */
    @Test
    void findsAnItemThatWasMissingForAMoment() {
        set("1", "lamp");
        assertThat(found(one, "lamp")).containsExactly("1");
        one.missing(ACME, source, "1");
        assertThat(found(one, "lamp")).containsExactly("1");
        redis.run(commands -> commands.hdel(list(ACME), "1"));
        one.missing(ACME, source, "1");
        assertThat(found(one, "lamp")).isEmpty();
    }

    @Test
    void searchesWhileTheListsOfOthersAreRead() {
        set("1", "lamp");
        assertThat(found(one, "lamp")).containsExactly("1");
        source.before = Flux.never();
        List<Disposable> others = List.of("a", "b", "c", "d", "e").stream().map(account -> one.find(
                new AccountId(account), source, new Search(Optional.of("lamp"), _ -> true, 0, 100)).subscribe())
                .toList();
        assertThat(found(one, "lamp")).containsExactly("1");
        others.forEach(Disposable::dispose);
    }

    /**
     * Deleting must work even if Redis has no memory left. The changes that are not noted are found by reading the list
     * again.
     */
    @Test
    void needsNoMemoryOfRedisToNoteAChange() {
        set("1", "lamp");
        assertThat(found(one, "lamp")).containsExactly("1");
        redis.run(commands -> commands.configSet("maxmemory", "1"));
        try {
            redis.run(commands -> commands.hdel(list(ACME), "1"));
            note("1", "done");
        } finally {
            redis.run(commands -> commands.configSet("maxmemory", "0"));
        }
        assertThat(found(one, "lamp")).isEmpty();
        assertThat(source.wholeReads).isEqualTo(2);
    }

    /** Memory that is reserved for more names does not count. */
    @Test
    void searchesAListThatGrowsUntilItsMemoryIsFull() {
        NameIndexes small = indexes(400_000);
        int most = 1000;
        redis.run(commands -> commands.hset(list(ACME), IntStream.range(0, 1000).boxed()
                .collect(Collectors.toMap(i -> "id-" + i, i -> "lamp " + i))));
        try {
            for (int i = most; i < 10_000; i++) {
                set("id-" + i, "lamp " + i);
                assertThat(find(small, ACME, "lamp").total()).isEqualTo(i + 1);
                most = i + 1;
            }
        } catch (NamesTooLargeException full) {
            assertThat(small.memory()).isZero();
        }
        NameIndexes fresh = indexes(400_000);
        redis.run(commands -> commands.hdel(list(ACME), "id-0", "id-1"));
        assertThat(find(fresh, ACME, "lamp").total()).as("of %d", most).isEqualTo(most - 1);
        assertThat(fresh.memory()).isLessThanOrEqualTo(200_000);
    }

    /** As after a failover that lost a change of which the journal had told. */
    @Test
    void readsAListAgainAfterSomeHoursHoweverOftenItIsSearched() {
        AtomicLong now = new AtomicLong(System.nanoTime());
        NameIndexes aging = new NameIndexes(redis.store(), work(), 10_000_000, now::get);
        set("1", "lamp");
        assertThat(found(aging, "lamp")).containsExactly("1");
        redis.run(commands -> commands.hset(list(ACME), "1", "door"));
        for (int minutes = 0; minutes < 360; minutes += 20) {
            assertThat(found(aging, "lamp")).containsExactly("1");
            now.addAndGet(Duration.ofMinutes(20).toNanos());
        }
        now.addAndGet(1);
        assertThat(found(aging, "lamp")).isEmpty();
        assertThat(found(aging, "door")).containsExactly("1");
        now.addAndGet(Duration.ofMinutes(31).toNanos());
        assertThat(found(aging, "door")).containsExactly("1");
        assertThat(source.wholeReads).isEqualTo(3);
    }

    @Test
    void forgetsTheListThatWasNotSearchedForTheLongestTime() {
        NameIndexes small = indexes(60_000);
        for (String account : List.of("a", "b", "c", "a")) {
            find(small, new AccountId(account), "lamp");
        }
        int before = source.wholeReads;
        find(small, new AccountId("a"), "lamp");
        assertThat(source.wholeReads).isEqualTo(before);
        assertThat(small.memory()).isLessThanOrEqualTo(60_000);
        assertThat(small.size()).isPositive().isLessThan(4);
    }

    @Test
    void refusesAListWithTooManyNames() {
        NameIndexes small = indexes(60_000);
        for (int i = 0; i < 500; i++) {
            set("id-" + i, "a name of some length " + i);
        }
        assertThatExceptionOfType(NamesTooLargeException.class).isThrownBy(() -> find(small, ACME, "lamp"))
                .withMessageContaining("postern.listing.name-memory");
        assertThat(small.size()).isZero();
    }
}
