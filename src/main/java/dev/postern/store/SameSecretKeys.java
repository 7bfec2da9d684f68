package dev.postern.store;

import io.lettuce.core.SetArgs;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a Redis whose data was written by gates with different secret keys: every credential in it would look
 * unknown. The first gate stores the fingerprint of its keys there.
 */
record SameSecretKeys(SecretKeys secretKeys) {
    private static final String FINGERPRINT_KEY = "postern:secret-keys";

    /** Blocks; never call it on an event loop. */
    void check(RedisClusterAsyncCommands<String, String> redis) {
        String mine = secretKeys.fingerprint();
        String theirs = await(redis.get(FINGERPRINT_KEY));
        if (theirs == null) {
            // Write only in this case: a Redis that currently refuses writes can still be read.
            await(redis.set(FINGERPRINT_KEY, mine, SetArgs.Builder.nx()));
            theirs = await(redis.get(FINGERPRINT_KEY));
        }
        if (!mine.equals(theirs)) {
            throw new StoreUnavailableException("Redis was filled by gates with other secret keys. Give this gate their"
                    + " file (postern.secret-keys.file), or another Redis");
        }
    }

    private static <T> @Nullable T await(Future<T> reply) {
        try {
            return reply.get(2, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("The gate is shutting down");
        } catch (ExecutionException | TimeoutException failed) {
            throw new StoreUnavailableException("Redis cannot be used: " + failed.getMessage(), failed);
        }
    }
}
