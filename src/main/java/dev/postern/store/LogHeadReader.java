package dev.postern.store;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of the log of changes, and checks that all connections of the gate lead to the same primary. If the
 * log were followed on one server and records were read from another, a record could be older than it looks.
 */
final class LogHeadReader {
    private final RedisStore redis;
    private final ManagementServerCheck management;
    private final String look = Scripts.read("/dev/postern/store/look-at-log.lua");

    LogHeadReader(RedisStore redis) {
        this.redis = redis;
        this.management = new ManagementServerCheck(redis);
    }

    /** @throws WrongServerException if a connection leads to a replica, or they lead to different servers */
    LogHead read(RedisClusterAsyncCommands<String, String> commands)
            throws TimeoutException, ExecutionException, InterruptedException {
        redis.connectIfNobodyDoes();
        CompletableFuture<WhichServer.@Nullable Server> asked = redis.server().toFuture();
        List<String> seen = FollowerConnection
                .await(commands.eval(look, ScriptOutputType.MULTI, new String[]{ChangeLog.HEAD},
                        LogHead.newId()));
        LogHead here = new LogHead(seen.get(0), Long.parseLong(seen.get(1)), seen.get(2));
        boolean isReplica = seen.get(3).equals("slave");
        Optional<WhichServer.Server> wrong = WhichServer.answered(asked, FollowerConnection.LONGEST_REPLY)
                .filter(there -> there.isReplica() || (!isReplica && !there.run().equals(here.run())));
        if (wrong.isPresent()) {
            String why = wrong.get().isReplica()
                    ? WhichServer.REPLICA
                    : "The connection leads to a different Redis from the one whose changes are followed";
            redis.distrust(why);
            throw new WrongServerException(why);
        }
        if (isReplica) {
            throw new WrongServerException(WhichServer.REPLICA);
        }
        if (management.leadsElsewhere(here.run())) {
            String why = "Redis was replaced: new connections lead to another server";
            redis.distrust(why);
            throw new WrongServerException(why);
        }
        // Recorded all the time: when a change is made, a replica may already be gone.
        var _ = redis.expectedReplicas().with(Integer.parseInt(seen.get(4)));
        return here;
    }
}
