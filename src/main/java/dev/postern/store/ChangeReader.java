package dev.postern.store;

import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log of changes on the thread of the {@link ChangeFollower}, and passes each change to the {@link
 * ChangeView}. Changes are numbered without gaps. If a number is missing, if the log is a different one, or if another
 * run of Redis answers (which may have lost changes), the reader tells the view that changes were missed, and
 * everything cached is read again. An unnoticed gap would let a gate keep allowing a revoked credential.
 */
final class ChangeReader {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeReader.class);
    private static final int BATCH = 1000;
    /** The first wait is short, so that a gate soon knows its position in the log. */
    private static final Duration FIRST_WAIT = Duration.ofMillis(5);
    private static final Duration LOOK = Duration.ofMillis(250);

    private final RedisStore redis;
    private final ChangeView view;
    private final LogHeadReader heads;
    private final Heartbeat heartbeat;
    private @Nullable LogPosition position;

    ChangeReader(RedisStore redis, Heartbeat heartbeat) {
        this.redis = redis;
        this.view = redis.changes().view();
        this.heads = new LogHeadReader(redis);
        this.heartbeat = heartbeat;
    }

    /**
     * Changes that were read.
     *
     * @param isAll whether there were no more
     * @param asked when the gate asked for them
     */
    private record Batch(LogPosition end, boolean isAll, long asked) {}

    /**
     * Follows the log until the follower is closed.
     *
     * @param followed runs each time the log was read without an error
     */
    void follow(RedisClusterAsyncCommands<String, String> commands, BooleanSupplier closed, Runnable followed)
            throws TimeoutException, ExecutionException, InterruptedException {
        if (position != null && position.run().isEmpty()) {
            // Redis does not tell whether this is still the same run.
            missed("Redis was not available, and does not tell which run it is");
        }
        position = adopt(heads.read(commands));
        long seen = 0;
        long beatAt = 0;
        long lookedAt = view.nanoTime();
        Duration wait = FIRST_WAIT;
        while (!closed.getAsBoolean()) {
            long before = position.last();
            Batch batch = read(commands, position, wait);
            boolean suspended = view.compareClocks();
            position = batch.end();
            wait = ChangeFollower.WAIT;
            flush();
            boolean idle = position.last() == before;
            if (idle && before < seen) {
                // The head counts changes that the log does not contain.
                position = position.at(seen);
                missed("entries were removed from it");
            }
            if (!idle || view.nanoTime() - beatAt >= Heartbeat.EVERY.toNanos()) {
                beatAt = view.nanoTime();
                heartbeat.send(commands, position);
            }
            if (idle || view.nanoTime() - lookedAt >= LOOK.toNanos()) {
                long asked = view.nanoTime();
                LogHead now = heads.read(commands);
                boolean same = position.isOf(now);
                position = adopt(now);
                seen = now.count();
                lookedAt = view.nanoTime();
                // Only now is it certain that the batch came from the same log, on the same run of Redis.
                if (same && batch.isAll() && !suspended) {
                    followed.run();
                    view.caughtUp(now.count() == position.last() ? asked : batch.asked());
                }
            }
        }
    }

    /** Appends the queued changes. A Redis that currently refuses writes can still be followed. */
    private void flush() {
        try {
            for (int sent = 0; sent < BATCH && redis.changes().isWaiting(); sent++) {
                var _ = redis.changes().flushOne().block(ChangeFollower.WAIT);
            }
        } catch (RuntimeException refused) {
            LOG.debug("The queued changes cannot be appended to the log yet: {}", refused.toString());
        }
    }

    private LogPosition adopt(LogHead seen) {
        LogPosition present = position;
        if (present != null && present.isOf(seen)) {
            return present;
        }
        if (present != null) {
            missed(!present.log().equals(seen.log())
                    ? "it is a different log"
                    : !present.run().equals(seen.run())
                            ? "Redis was restarted, or another server took over"
                            : "it went back to an earlier state");
        }
        return new LogPosition(seen.log(), seen.run(), seen.count());
    }

    private void missed(String why) {
        LOG.info("Changes may have been missed in the log of changes: {}. Cached records are read again when needed",
                why);
        view.startEpoch();
    }

    @SuppressWarnings("unchecked") // an array with the one offset to read from
    private Batch read(RedisClusterAsyncCommands<String, String> commands, LogPosition from, Duration wait)
            throws TimeoutException, ExecutionException, InterruptedException {
        long asked = view.nanoTime();
        List<StreamMessage<String, String>> entries = FollowerConnection.await(commands.xread(
                XReadArgs.Builder.block(wait).count(BATCH), StreamOffset.from(ChangeLog.LOG, from.last() + "-0")));
        LogPosition at = from;
        for (StreamMessage<String, String> entry : entries) {
            long number = Long.parseLong(entry.getId().substring(0, entry.getId().indexOf('-')));
            if (number != at.last() + 1) {
                missed("entries were removed from it");
            }
            ChangeLog.apply(view, entry.getBody());
            at = at.at(number);
        }
        return new Batch(at, entries.size() < BATCH, asked);
    }
}
