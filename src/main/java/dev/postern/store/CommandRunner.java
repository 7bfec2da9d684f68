package dev.postern.store;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Sends commands over a {@link StoreConnection} and turns every failure into one of the store's exceptions. Tells the
 * {@link ChangeView} which commands were answered and which failed, since that decides how long remembered records stay
 * valid.
 */
final class CommandRunner {
    private final StoreConnection connection;
    private final @Nullable ChangeView view;
    private final @Nullable Executor workers;
    private final Consumer<String> distrust;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final LongAdder failures = new LongAdder();
    private volatile LongConsumer times = _ -> {};

    /**
     * @param view     null for management: its commands tell nothing about what decisions can read
     * @param workers  handle the replies; null for the event loops
     * @param distrust called with the reason when a reply shows that the connection leads to the wrong server
     */
    CommandRunner(StoreConnection connection, @Nullable ChangeView view, @Nullable Executor workers,
            Consumer<String> distrust) {
        this.connection = connection;
        this.view = view;
        this.workers = workers;
        this.distrust = distrust;
    }

    <T> Mono<T> run(Function<RedisClusterAsyncCommands<String, String>, RedisFuture<T>> command) {
        return Mono.deferContextual(context -> {
            RedisClusterAsyncCommands<String, String> ready = connection.commands();
            if (ready == null || connection.isLost()) {
                failures.increment();
                failed();
                return Mono.<T>error(new StoreUnavailableException(connection.trouble()));
            }
            SendTracker.in(context).ifPresent(SendTracker::mark);
            inFlight.incrementAndGet();
            long start = System.nanoTime();
            RedisFuture<T> reply;
            try {
                reply = command.apply(ready);
            } catch (RuntimeException rejected) {
                inFlight.decrementAndGet();
                return Mono.<T>error(outage(rejected));
            }
            // Not on the connection's thread, which serves other callers too.
            Executor next = workers == null ? EventLoops.back() : workers;
            return Mono.<T>create(sink -> {
                var _ = reply.whenComplete((value, failure) -> {
                    inFlight.decrementAndGet();
                    times.accept(System.nanoTime() - start);
                    next.execute(() -> finish(sink, reply, value, failure));
                });
            });
        });
    }

    private <T> void finish(MonoSink<T> sink, RedisFuture<T> reply, @Nullable T value, @Nullable Throwable failure) {
        if (failure != null) {
            sink.error(RedisErrors.isUnreadable(failure) ? RedisErrors.unreadable(reply, failure) : outage(failure));
            return;
        }
        if (view != null) {
            view.commandAnswered();
        }
        if (value == null) {
            sink.success();
        } else {
            sink.success(value);
        }
    }

    private RuntimeException outage(Throwable failure) {
        if (failure instanceof RedisNoScriptException unknown) {
            // Not an outage: Script then sends the script's text.
            return unknown;
        }
        failures.increment();
        if (!(failure instanceof RedisCommandExecutionException) || RedisErrors.isAway(failure)) {
            failed();
        }
        if (RedisErrors.isOfReplica(failure)) {
            distrust.accept(WhichServer.REPLICA);
        }
        return new StoreUnavailableException("Redis did not answer: " + RedisErrors.rootMessage(failure), failure);
    }

    private void failed() {
        if (view != null) {
            view.commandFailed();
        }
    }

    void timeCommands(LongConsumer nanos) {
        times = nanos;
    }

    /** Commands that are waiting for a reply. */
    int inFlight() {
        return inFlight.get();
    }

    /** Commands that failed since the start. */
    long failures() {
        return failures.sum();
    }
}
