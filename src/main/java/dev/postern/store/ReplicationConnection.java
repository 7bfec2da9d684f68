package dev.postern.store;

import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** The connection that waits for replicas. It is opened on its own thread when it is first needed. */
final class ReplicationConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicationConnection.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private final RedisStore redis;
    private final AtomicReference<@Nullable Opening> opened = new AtomicReference<>();
    private volatile boolean closed;

    /**
     * A connection that is open, or being opened.
     *
     * @param replaced how often the store had replaced its connection by then
     */
    private record Opening(CompletableFuture<StatefulConnection<String, String>> connection, int replaced) {
        @Nullable StatefulConnection<String, String> now() {
            return connection.isCompletedExceptionally() ? null : connection.getNow(null);
        }

        void end() {
            var _ = connection.thenAccept(open -> {
                var _ = open.closeAsync();
            });
        }
    }

    ReplicationConnection(RedisStore redis) {
        this.redis = redis;
    }

    /** The connection, if it is open already. */
    @Nullable StatefulConnection<String, String> now() {
        Opening present = opened.get();
        return present == null ? null : present.now();
    }

    /** The connection; fails if it cannot be opened. */
    Mono<StatefulConnection<String, String>> get() {
        return Mono.defer(() -> {
            Opening present = opened.get();
            if (closed) {
                return Mono.error(new StoreUnavailableException("The gate is shutting down"));
            }
            boolean isOfAnotherRedis = present != null && present.replaced() != redis.replaced();
            if (present != null && !isOfAnotherRedis && !present.connection().isCompletedExceptionally()) {
                return EventLoops.await(present.connection());
            }
            Opening next = new Opening(new CompletableFuture<>(), redis.replaced());
            if (opened.compareAndSet(present, next)) {
                if (present != null) {
                    present.end();
                }
                try {
                    Thread.ofPlatform().daemon().name("postern-replication").start(() -> open(next));
                } catch (Error noThread) {
                    next.connection().completeExceptionally(new RedisException(noThread));
                }
            }
            Opening mine = opened.get();
            return EventLoops.await(mine == null ? next.connection() : mine.connection());
        });
    }

    private void open(Opening next) {
        try {
            StatefulConnection<String, String> open = redis.open();
            next.connection().complete(open);
            if (closed) {
                var _ = open.closeAsync();
            }
        } catch (RuntimeException | Error failed) {
            next.connection()
                    .completeExceptionally(failed instanceof RedisException ? failed : new RedisException(failed));
        }
    }

    /** Drops a connection, because a new one may lead to another server. */
    void reopen(StatefulRedisConnection<String, String> old) {
        Opening present = opened.get();
        if (present != null && old.equals(present.now()) && opened.compareAndSet(present, null)) {
            var _ = old.closeAsync();
        }
    }

    @Override
    public void close() {
        closed = true;
        StatefulConnection<String, String> open = now();
        if (open == null) {
            return;
        }
        try {
            open.closeAsync().get(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException failed) {
            LOG.debug("The connection that waits for replicas did not close cleanly: {}", failed.toString());
        }
    }
}
