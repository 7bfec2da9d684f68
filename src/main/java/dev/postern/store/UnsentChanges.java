package dev.postern.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import reactor.core.publisher.Mono;

/** Queues changes that could not be appended to the log, until the log can be reached. */
final class UnsentChanges {
    private static final int MAX_UNSENT = 10_000;
    /** A command that was not answered in time may be executed this much later, if Redis was stalled. */
    private static final Duration LATE = Duration.ofSeconds(5);

    private final LongSupplier nanoTime;
    private final Queue<Map<String, String>> unsent = new ConcurrentLinkedQueue<>();
    /**
     * Changes that may have been applied after they were logged, to be logged again. Used only by the thread that
     * follows the log.
     */
    private final Queue<Repeat> repeats = new ArrayDeque<>();
    private final AtomicInteger unsentCount = new AtomicInteger();
    private volatile boolean everythingUnsent;

    UnsentChanges(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * A change to be logged again.
     *
     * @param due the time, by the clock of the view
     */
    private record Repeat(Map<String, String> entry, long due) {}

    /** Queues an entry until the log can be reached. */
    void add(Map<String, String> entry) {
        if (unsentCount.incrementAndGet() <= MAX_UNSENT) {
            unsent.add(entry);
        } else {
            // Too many for single entries: all followers read everything again.
            unsentCount.decrementAndGet();
            everythingUnsent = true;
        }
    }

    /** Appends the first queued entry. */
    <P> Mono<Void> flushOne(Function<Map<String, String>, Mono<P>> send) {
        return Mono.defer(() -> {
            if (everythingUnsent) {
                everythingUnsent = false;
                return send.apply(Map.of(ChangeLog.EVERYTHING, ChangeLog.CHANGED))
                        .doOnError(_ -> everythingUnsent = true).doOnCancel(() -> everythingUnsent = true).then();
            }
            Map<String, String> next = unsent.peek();
            if (next == null) {
                return repeat(send);
            }
            return send.apply(next).doOnNext(_ -> {
                // Not poll(): another entry may be first by now.
                unsent.remove(next);
                unsentCount.decrementAndGet();
                if (repeats.size() < MAX_UNSENT) {
                    Map<String, String> again = new LinkedHashMap<>(next);
                    again.replaceAll((_, _) -> ChangeLog.CHANGED);
                    repeats.add(new Repeat(again, nanoTime.getAsLong() + LATE.toNanos()));
                }
            }).then();
        });
    }

    private <P> Mono<Void> repeat(Function<Map<String, String>, Mono<P>> send) {
        Repeat first = repeats.peek();
        return first == null || !isRepeatDue()
                ? Mono.empty()
                : send.apply(first.entry()).doOnNext(_ -> repeats.remove(first)).then();
    }

    private boolean isRepeatDue() {
        Repeat first = repeats.peek();
        return first != null && nanoTime.getAsLong() - first.due() >= 0;
    }

    /** Whether a queued entry is due. */
    boolean isWaiting() {
        return everythingUnsent || unsentCount.get() > 0 || isRepeatDue();
    }

    int count() {
        return unsentCount.get();
    }
}
