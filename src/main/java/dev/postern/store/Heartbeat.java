package dev.postern.store;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Tells the other gates that this one is running, and which changes it knows. A gate that stops must sign off:
 * otherwise receipts treat it like a gate that is cut off from Redis.
 */
final class Heartbeat {
    static final Duration EVERY = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
    private static final Duration FORGET_GATES = Duration.ofHours(1);
    private static final Duration LONGEST_LEAVE = Duration.ofMillis(500);

    private final GateIdentity identity;
    private final ChangeView view;
    private final String beat = Scripts.read("/dev/postern/store/beat.lua");
    private boolean beatRefused;

    Heartbeat(GateIdentity identity, ChangeView view) {
        this.identity = identity;
        this.view = view;
    }

    /** Sends one beat. Calls that wait for a receipt read this gate's position from it. */
    void send(RedisClusterAsyncCommands<String, String> commands, LogPosition at)
            throws TimeoutException, ExecutionException, InterruptedException {
        try {
            FollowerConnection.await(
                    commands.eval(beat, ScriptOutputType.INTEGER, new String[]{Gates.GATES, Gates.BEATS}, identity.id(),
                            identity.record(view, at.log(), at.last()), Long.toString(forgotten().toMillis())));
            beatRefused = false;
        } catch (ExecutionException failed) {
            // A Redis that currently refuses writes can still be followed; this gate is just not listed then.
            if (!(failed.getCause() instanceof RedisCommandExecutionException refused) || RedisErrors.isAway(refused)) {
                throw failed;
            }
            if (!beatRefused) {
                beatRefused = true;
                LOG.warn("Redis refuses this gate's heartbeat: {}", refused.getMessage());
            }
        }
    }

    /** How long a silent gate stays listed. A gate that may still decide is always listed. */
    private Duration forgotten() {
        Duration decides = view.longestGrace().plus(Gates.SILENT_AFTER);
        return decides.compareTo(FORGET_GATES) > 0 ? decides : FORGET_GATES;
    }

    /** Removes this gate from the list of gates. */
    void leave(RedisStore redis) {
        try {
            Mono.when(redis.run(commands -> commands.zrem(Gates.BEATS, identity.id())),
                    redis.run(commands -> commands.hdel(Gates.GATES, identity.id()))).block(LONGEST_LEAVE);
        } catch (RuntimeException away) {
            LOG.debug("This gate could not sign off in Redis: {}", away.toString());
        }
    }
}
