package dev.postern.search;

import dev.postern.access.AccountId;
import dev.postern.store.AccountWork;
import dev.postern.store.BulkheadFullException;
import dev.postern.store.RedisStore;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import reactor.core.publisher.Mono;

/**
 * Searches the lists of an account (devices, credentials and others) by name. The names of a list are read from Redis
 * at the first search and then kept in memory, within a bound; the least recently searched list is evicted first.
 */
public final class NameIndexes {
    /**
     * At each search, names that have not been searched for this long are forgotten. Must be shorter than the time for
     * which a journal is kept.
     */
    private static final Duration KEPT = Duration.ofMinutes(30);
    /**
     * A list is read again after this time, however often it is searched, because a name in memory may be wrong: a
     * failover can undo a change that the journal has reported; and a call that began before there was a journal may
     * have changed a name, and died before it reported this.
     */
    private static final Duration OLDEST = Duration.ofHours(6);
    /** No list may take more than the memory divided by this. */
    private static final int SHARE = 2;
    private static final int ATTEMPTS = 3;

    private final AccountWork work;
    private final NameJournal journal;
    private final long maxMemory;
    private final LongSupplier nanoTime;
    /** By the key of the list, the least recently used one first. */
    private final Map<String, Held> held = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * Reads files: do not call on an event loop.
     *
     * @param maxMemory about how many bytes the names may take
     */
    public NameIndexes(RedisStore redis, AccountWork work, long maxMemory) {
        this(redis, work, maxMemory, System::nanoTime);
    }

    NameIndexes(RedisStore redis, AccountWork work, long maxMemory, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.journal = new NameJournal(redis);
        this.work = work;
        this.maxMemory = maxMemory;
    }

    /** The names of a list. They may still be loading: then {@code loaded} completes later. */
    private static final class Held {
        final NameIndex index;
        final Mono<Void> loaded;
        final long since;
        long lastUsed;

        Held(NameIndex index, Mono<Void> loaded, long now) {
            this.index = index;
            this.loaded = loaded;
            this.since = now;
            this.lastUsed = now;
        }
    }

    /**
     * A search in a list.
     *
     * @param term  a term for the names, which puts the best match first; empty for all items, in the order of the list
     * @param which a condition
     * @param first the first position wanted, counted from 0
     * @param count the number of positions
     */
    public record Search(Optional<String> term, Predicate<Candidate> which, long first, int count) {}

    /** What a condition can see of an item, as its {@link NameSource} gave it. Valid only during the check. */
    public interface Candidate {
        String id();

        long order();

        long mark();
    }

    /** One page of the IDs that a search found, and how many there are on all pages. */
    public record Result(int total, List<String> ids) {
        public Result {
            ids = List.copyOf(ids);
        }
    }

    /** Searches a list of an account. Fails with {@link NamesTooLargeException} if it has too many names. */
    public Mono<Result> find(AccountId account, NameSource source, Search search) {
        return find(account, source, search, ATTEMPTS);
    }

    /**
     * Reports an item that a search found, but that no longer existed when it was read. The next search reads it again.
     */
    public void missing(AccountId account, NameSource source, String id) {
        Held present;
        synchronized (this) {
            present = held.get(source.list(account));
        }
        if (present != null) {
            present.index.readAgain(id);
        }
    }

    /** The number of bytes that all names take. */
    public synchronized long memory() {
        return held.values().stream().mapToLong(one -> one.index.memory()).sum();
    }

    /** The number of lists whose names are in memory. */
    public synchronized int size() {
        return held.size();
    }

    private Mono<Result> find(AccountId account, NameSource source, Search search, int attempts) {
        return Mono.defer(() -> {
            Held present = hold(account, source);
            // While a list is read, other accounts can search.
            return present.loaded.then(work.search(account.value(), find(present, search)))
                    .doOnError(NamesTooLargeException.class, _ -> drop(source.list(account), present.index))
                    .flatMap(found -> {
                        if (found.isPresent()) {
                            return Mono.just(found.get());
                        }
                        drop(source.list(account), present.index);
                        return attempts > 1
                                ? find(account, source, search, attempts - 1)
                                : Mono.error(new BulkheadFullException(
                                        "The list changes faster than it can be read. Try again."));
                    });
        });
    }

    /** Empty if the journal no longer has all changes. */
    private Mono<Optional<Result>> find(Held present, Search search) {
        return present.index.find(search).map(result -> result.map(found -> {
            makeRoom(present);
            return new Result(found.total(), found.ids());
        }));
    }

    private synchronized Held hold(AccountId account, NameSource source) {
        long now = nanoTime.getAsLong();
        forgetOld(now);
        String list = source.list(account);
        Held present = held.get(list);
        if (present == null) {
            NameIndex index = new NameIndex(account, source, journal, maxMemory / SHARE);
            // If a search gives up, loading continues, so that a later search need not start it again. If loading
            // fails, the next search starts it again.
            present = new Held(index, work.load(account.value(), index.load()).doOnError(_ -> drop(list, index))
                    .cache(), now);
            held.put(list, present);
        }
        present.lastUsed = now;
        return present;
    }

    private synchronized void drop(String list, NameIndex index) {
        Held present = held.get(list);
        if (present != null && present.index == index) {
            held.remove(list);
        }
    }

    private void forgetOld(long now) {
        held.values().removeIf(one -> now - one.lastUsed > KEPT.toNanos() || now - one.since > OLDEST.toNanos());
    }

    private synchronized void makeRoom(Held kept) {
        long total = memory();
        Iterator<Held> all = held.values().iterator();
        while (total > maxMemory && all.hasNext()) {
            Held oldest = all.next();
            if (oldest != kept) {
                total -= oldest.index.memory();
                all.remove();
            }
        }
    }
}
