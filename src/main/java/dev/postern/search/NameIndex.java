package dev.postern.search;

import dev.postern.access.AccountId;
import dev.postern.search.NameTable.Found;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The names of one list of an account, read from Redis once and then kept up to date by its journal. A search first
 * reads the changes since the last one, so it sees every change that was completed before it, at any gate.
 */
final class NameIndex {
    /**
     * After a change of an item has begun, each search reads the item again, until the change is done or this time has
     * passed: the call that makes the change may have been interrupted at any point.
     */
    private static final Duration LONGEST_CHANGE = Duration.ofMinutes(1);
    private static final int AT_ONCE = 500;

    private final AccountId account;
    private final NameSource source;
    private final NameJournal journal;
    private final long maxMemory;
    private final NameTable table = new NameTable();
    /** Items whose change has begun, each with the time at which this was read. */
    private final Map<String, Long> begun = new HashMap<>();
    /** Items to read again. */
    private final Set<String> unread = new HashSet<>();
    private String position = "";
    private final AtomicLong lastTurn = new AtomicLong();
    private volatile long memory;

    /** @param maxMemory the maximum number of bytes of memory it may take */
    NameIndex(AccountId account, NameSource source, NameJournal journal, long maxMemory) {
        this.account = account;
        this.source = source;
        this.journal = journal;
        this.maxMemory = maxMemory;
    }

    long memory() {
        return memory;
    }

    /** Reads the list. */
    Mono<Void> load() {
        return journal.open(source.list(account)).doOnNext(this::begin)
                .thenMany(source.all(account)).buffer(AT_ONCE).doOnNext(this::put)
                .then(Mono.fromRunnable(this::trim));
    }

    private synchronized void begin(String opened) {
        position = opened;
    }

    /**
     * Reads the changes and searches; empty if the journal no longer has all changes, so that a new index must be
     * loaded. A call that is cancelled or fails loses no changes. Call again only when the previous call has ended: one
     * that was cancelled has no further effect, and stops searching.
     */
    Mono<Optional<Found>> find(NameIndexes.Search search) {
        return Mono.defer(() -> {
            long turn = lastTurn.incrementAndGet();
            return readJournal(turn).flatMap(complete -> complete
                    ? Flux.fromIterable(unread()).buffer(AT_ONCE).concatMap(ids -> readAgain(turn, ids))
                            .then(Mono.fromSupplier(() -> Optional.of(find(turn, search))))
                    : Mono.just(Optional.empty()));
        });
    }

    private Mono<Boolean> readJournal(long turn) {
        return journal.read(source.list(account), position()).flatMap(part -> {
            if (part.isEmpty()) {
                return Mono.just(false);
            }
            note(turn, part.get());
            return part.get().isLast() ? Mono.just(true) : readJournal(turn);
        });
    }

    private synchronized String position() {
        return position;
    }

    private synchronized void note(long turn, NameJournal.Part part) {
        if (turn != lastTurn.get()) {
            return;
        }
        position = part.position();
        long now = System.nanoTime();
        part.changes().forEach((id, done) -> {
            unread.add(id);
            if (done) {
                begun.remove(id);
            } else {
                begun.put(id, now);
            }
        });
        begun.values().removeIf(since -> now - since > LONGEST_CHANGE.toNanos());
        unread.addAll(begun.keySet());
    }

    private synchronized List<String> unread() {
        return List.copyOf(unread);
    }

    private Mono<Void> readAgain(long turn, List<String> ids) {
        return source.read(account, ids).collectList().doOnNext(found -> replace(turn, ids, found)).then();
    }

    private synchronized void replace(long turn, List<String> ids, List<NameSource.Item> found) {
        if (turn == lastTurn.get()) {
            ids.forEach(table::remove);
            put(found);
            ids.forEach(unread::remove);
            if (memory > maxMemory) {
                trim();
            }
        }
    }

    private synchronized void put(List<NameSource.Item> items) {
        items.forEach(table::put);
        boolean fits = table.fits(maxMemory);
        memory = table.memory();
        if (!fits) {
            throw new NamesTooLargeException(source.list(account), maxMemory);
        }
    }

    private synchronized void trim() {
        table.trim();
        memory = table.memory();
    }

    /**
     * The next search reads this item again. It was missing a moment ago, but may have been added again meanwhile.
     */
    synchronized void readAgain(String id) {
        unread.add(id);
    }

    private synchronized Found find(long turn, NameIndexes.Search search) {
        return table.find(search, () -> turn != lastTurn.get());
    }
}
