package dev.postern.store;

import dev.postern.store.WhichServer.Server;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Checks that the management connection leads to the server whose log of changes is followed. It never waits for the
 * reply but compares it at the next check, so that a busy management connection delays no decision.
 */
final class ManagementServerCheck {
    private final RedisStore management;
    private final boolean isApart;
    private @Nullable CompletableFuture<@Nullable Server> asked;
    private int strangers;

    ManagementServerCheck(RedisStore redis) {
        this.management = redis.management();
        this.isApart = !management.equals(redis);
    }

    /**
     * Compares the last reply, and asks again.
     *
     * @param run the run of the server whose log is followed
     * @return whether a newly opened connection leads to another primary; the followed server was replaced then
     */
    boolean leadsElsewhere(String run) {
        if (!isApart) {
            return false;
        }
        boolean elsewhere = compare(run);
        CompletableFuture<@Nullable Server> last = asked;
        if (last == null || last.isDone()) {
            asked = management.server().toFuture();
        }
        return elsewhere;
    }

    private boolean compare(String run) {
        CompletableFuture<@Nullable Server> last = asked;
        if (last == null || !last.isDone() || last.isCompletedExceptionally()) {
            return false;
        }
        Server there = last.join();
        if (there == null || (!there.isReplica() && there.run().equals(run))) {
            strangers = 0;
            return false;
        }
        if (there.isReplica()) {
            management.distrust(WhichServer.REPLICA);
            return false;
        }
        strangers++;
        management.distrust("The connection leads to a different Redis from the one whose changes are followed");
        // The first time, the old management connection may simply still lead to a server that was replaced.
        return strangers > 1;
    }
}
