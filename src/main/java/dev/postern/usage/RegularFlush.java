package dev.postern.usage;

import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Writes what has been counted in memory, at regular times on a worker, and once more at the end. */
final class RegularFlush {
    private static final Logger LOG = LoggerFactory.getLogger(RegularFlush.class);
    private static final Duration LAST_FLUSH_LIMIT = Duration.ofSeconds(3);

    private final Scheduler worker;
    private final Duration every;
    private final String what;
    private final Supplier<Mono<Void>> flush;
    private final Disposable.Swap timer = Disposables.swap();
    private volatile boolean running;

    /** @param what the name of the counts, for the log */
    RegularFlush(Scheduler worker, Duration every, String what, Supplier<Mono<Void>> flush) {
        this.worker = worker;
        this.every = every;
        this.what = what;
        this.flush = flush;
    }

    void start() {
        running = true;
        timer.update(Flux.interval(every, worker).onBackpressureDrop()
                .concatMap(_ -> flush.get().onErrorResume(failed -> {
                    LOG.error("{} could not be written", what, failed);
                    return Mono.empty();
                }))
                .subscribe());
    }

    boolean isRunning() {
        return running;
    }

    /** Flushes for the last time, when nothing more is counted. Returns false if it was not running. */
    boolean stop() {
        if (!running) {
            return false;
        }
        running = false;
        timer.update(Disposables.disposed());
        try {
            flush.get().block(LAST_FLUSH_LIMIT);
        } catch (IllegalStateException tooSlow) {
            LOG.debug("The last flush of {} took too long", what, tooSlow);
        }
        return true;
    }
}
