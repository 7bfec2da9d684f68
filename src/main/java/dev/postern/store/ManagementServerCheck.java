package dev.postern.store;

import dev.postern.store.WhichServer.Server;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the connection of management leads to the server whose log of changes is followed. Its answer is never waited
 * for: it is compared at the next look, so that a busy management connection holds up no decision.
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
     * Compares the last answer, and asks again.
     *
     * @param run of the server whose log is followed
     * @return whether a connection that was just opened leads to another primary: then the log is followed on a server that was
     *         replaced
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
        management.distrust("It leads to another Redis than the one whose changes are followed");
        // The first time it may be that the old connection still leads to a server that was replaced.
        return strangers > 1;
    }
}
