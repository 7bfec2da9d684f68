package dev.postern.management;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Limits how many calls do heavy work at the same time. A slot is free again before the caller learns that the work is
 * done, so that the next call is not refused.
 */
final class Slots {
    private final int max;
    private final String busy;
    private final AtomicInteger taken = new AtomicInteger();

    /** @param busy the detail of the problem if all slots are taken */
    Slots(int max, String busy) {
        this.max = max;
        this.busy = busy;
    }

    /** Runs work in a slot; {@link Problem#BUSY} if none is free. */
    <T> Mono<T> run(Mono<T> work) {
        return Mono.using(this::take, _ -> work, Slot::leave, true);
    }

    /**
     * Writes in a slot. Nothing is written if none is free.
     *
     * @param parts the slot is free when they have ended
     */
    <T> Mono<Void> write(Flux<T> parts, Function<Flux<T>, Mono<Void>> writing) {
        return Mono.using(this::take, slot -> writing.apply(parts.doOnTerminate(slot::leave)), Slot::leave, true);
    }

    private Slot take() {
        if (taken.incrementAndGet() > max) {
            taken.decrementAndGet();
            throw new ProblemException(Problem.BUSY, busy);
        }
        return new Slot();
    }

    /** A slot that is taken. */
    private final class Slot {
        private final AtomicBoolean left = new AtomicBoolean();

        void leave() {
            if (left.compareAndSet(false, true)) {
                taken.decrementAndGet();
            }
        }
    }
}
