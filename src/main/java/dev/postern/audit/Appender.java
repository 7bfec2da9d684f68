package dev.postern.audit;

import dev.postern.store.BulkheadFullException;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.SecretKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Appends entries to the chain. Each entry's hash includes the one before it, so a gate appends its entries in order,
 * and up to {@link #MAX_BATCH} waiting entries with one command. If another gate appends first, the gate computes its
 * hashes again.
 */
final class Appender {
    private static final int MAX_WAITING = 1024;
    private static final int MAX_BATCH = 64;
    private static final int ATTEMPTS = 20;

    private final RedisStore redis;
    private final SecretKeys secrets;
    private final String maxEntries;
    private final Script script = Script.read("/dev/postern/audit/append.lua");
    private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder refused = new LongAdder();
    private final AtomicBoolean working = new AtomicBoolean();
    /** The last entry that this gate knows of. It may be out of date. */
    private volatile Head head = new Head(0, AuditKeys.ORIGIN);

    /** The last entry of the log. */
    record Head(long sequence, String hash) {}

    private record Waiting(Entry entry, MonoSink<Long> sink) {}

    Appender(RedisStore redis, SecretKeys secrets, int maxEntries) {
        this.redis = redis;
        this.secrets = secrets;
        this.maxEntries = Integer.toString(maxEntries);
    }

    /** Appends an entry. Returns its sequence number; fails with {@link BulkheadFullException} if too many wait. */
    Mono<Long> append(Entry entry) {
        return Mono.create(sink -> {
            if (waiting.incrementAndGet() > MAX_WAITING) {
                waiting.decrementAndGet();
                refused.increment();
                sink.error(new BulkheadFullException("Too many changes wait for the audit log."));
                return;
            }
            queue.add(new Waiting(entry, sink));
            work();
        });
    }

    /** The number of entries that were refused because too many waited. */
    long refused() {
        return refused.sum();
    }

    int waiting() {
        return waiting.get();
    }

    private void work() {
        if (!working.compareAndSet(false, true)) {
            return;
        }
        List<Waiting> batch = new ArrayList<>();
        for (Waiting next = queue.poll(); next != null; next = batch.size() < MAX_BATCH ? queue.poll() : null) {
            batch.add(next);
        }
        if (batch.isEmpty()) {
            working.set(false);
            // An entry may have been queued after the queue was found empty.
            if (!queue.isEmpty()) {
                work();
            }
            return;
        }
        append(batch, ATTEMPTS).subscribe(first -> end(batch, first), failure -> fail(batch, failure));
    }

    private void end(List<Waiting> batch, long first) {
        waiting.addAndGet(-batch.size());
        working.set(false);
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).sink().success(first + i);
        }
        work();
    }

    private void fail(List<Waiting> batch, Throwable failure) {
        waiting.addAndGet(-batch.size());
        working.set(false);
        batch.forEach(one -> one.sink().error(failure));
        work();
    }

    /** Appends a batch. Returns the sequence number of its first entry. */
    private Mono<Long> append(List<Waiting> batch, int attempts) {
        return Mono.defer(() -> {
            Head last = head;
            List<String> arguments = new ArrayList<>(
                    List.of(Long.toString(last.sequence()), last.hash(), maxEntries));
            String hash = last.hash();
            for (int i = 0; i < batch.size(); i++) {
                String record = batch.get(i).entry().encode(last.sequence() + 1 + i);
                arguments.add(record);
                arguments.add(hash);
                hash = AuditKeys.hash(secrets, hash, record);
                arguments.add(hash);
            }
            Head next = new Head(last.sequence() + batch.size(), hash);
            return script.list(redis, new String[]{AuditKeys.ENTRIES, AuditKeys.HEAD},
                    arguments.toArray(String[]::new)).flatMap(present -> {
                        if (present.isEmpty()) {
                            head = next;
                            return Mono.just(last.sequence() + 1);
                        }
                        head = new Head(Long.parseLong(present.getFirst()), present.getLast());
                        return attempts > 1
                                ? append(batch, attempts - 1)
                                : Mono.error(
                                        new BulkheadFullException("Too many gates write to the audit log at once."));
                    });
        });
    }
}
