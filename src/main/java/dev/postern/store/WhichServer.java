package dev.postern.store;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Asks which server a connection leads to, and whether it is a primary. Reads files when created; never create it on an
 * event loop.
 */
final class WhichServer {
    static final String REPLICA = "The connection leads to a replica, which may lag behind";

    private static final Logger LOG = LoggerFactory.getLogger(WhichServer.class);
    private static final String RESOURCE = "/dev/postern/store/which-server.lua";
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(2);

    private final String text = Scripts.read(RESOURCE);
    private final Script script = Script.read(RESOURCE);

    /** A server. */
    record Server(String run, boolean isReplica) {
        private static Server of(List<String> said) {
            return new Server(said.get(0), said.get(1).equals("slave"));
        }
    }

    Mono<Server> behind(RedisStore redis) {
        return script.list(redis, new String[]{ChangeLog.HEAD}).map(Server::of);
    }

    /** @throws StoreUnavailableException if the connection leads to a replica, or does not answer */
    void requirePrimary(RedisClusterAsyncCommands<String, String> opened) {
        try {
            List<String> said = opened.<List<String>>eval(text, ScriptOutputType.MULTI, ChangeLog.HEAD)
                    .get(LONGEST_LOOK.toMillis(), TimeUnit.MILLISECONDS);
            if (Server.of(said).isReplica()) {
                throw new StoreUnavailableException(REPLICA);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("The gate is shutting down");
        } catch (ExecutionException | TimeoutException failed) {
            throw new StoreUnavailableException("Redis cannot be used: " + RedisErrors.rootMessage(failed), failed);
        }
    }

    /** Empty if there is no answer: then nothing can be read there either. */
    static Optional<Server> answered(CompletableFuture<@Nullable Server> reply, Duration longest)
            throws TimeoutException, InterruptedException {
        try {
            return Optional.ofNullable(reply.get(longest.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException away) {
            LOG.debug("Cannot ask which Redis this is: {}", away.toString());
            return Optional.empty();
        }
    }
}
