package dev.postern.store;

import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The connection that follows the log of changes. It is separate from the others because a read waits for the next
 * change, and would block every command behind it.
 */
final class FollowerConnection {
    /** Lettuce times out earlier; this limit only makes sure that the thread never hangs. */
    static final Duration LONGEST_REPLY = Duration.ofSeconds(10);

    private final RedisStore redis;
    private volatile @Nullable StatefulConnection<String, String> connection;

    FollowerConnection(RedisStore redis) {
        this.redis = redis;
    }

    /** Opens the connection if it is not open. */
    RedisClusterAsyncCommands<String, String> commands() {
        StatefulConnection<String, String> open = connection;
        if (open == null) {
            open = redis.open();
            connection = open;
        }
        return RedisConnections.async(open);
    }

    /** Closes the connection, if there is one: a new one may lead to another server. */
    void drop() {
        StatefulConnection<String, String> open = connection;
        if (open != null) {
            connection = null;
            var _ = open.closeAsync();
        }
    }

    static <T> T await(Future<T> reply) throws TimeoutException, ExecutionException, InterruptedException {
        return reply.get(LONGEST_REPLY.toMillis(), TimeUnit.MILLISECONDS);
    }
}
