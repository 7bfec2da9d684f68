package dev.postern.store;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Follows the log of changes on its own connection and thread, and keeps the gate's {@link ChangeView} up to date.
 * {@link ChangeReader} reads the log; this class keeps the thread alive, and tries again after every failure. Without
 * this thread, the gate would ask Redis for every call.
 */
final class ChangeFollower implements SmartLifecycle, AutoCloseable {
    /** How long Redis waits for a change before it replies. */
    static final Duration WAIT = Duration.ofMillis(500);

    private static final Logger LOG = LoggerFactory.getLogger(ChangeFollower.class);
    private static final Duration RETRY = Duration.ofMillis(100);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    private static final int REOPEN_AFTER = 20;

    private final RedisStore redis;
    private final ChangeView view;
    private final Heartbeat heartbeat;
    private final ChangeReader reader;
    private final FollowerConnection connection;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable Thread thread;
    private String lastLogged = "";

    ChangeFollower(RedisStore redis, GateIdentity identity) {
        this.redis = redis;
        this.view = redis.changes().view();
        this.heartbeat = new Heartbeat(identity, view);
        this.reader = new ChangeReader(redis, heartbeat);
        this.connection = new FollowerConnection(redis);
    }

    @Override
    public void start() {
        thread = Thread.ofPlatform().daemon().name("postern-changes").start(this::run);
    }

    private void run() {
        int failures = 0;
        boolean answers = false;
        boolean isBack = false;
        try {
            do {
                try {
                    reader.follow(connection.commands(), () -> closed.getCount() == 0, () -> lastLogged = "");
                } catch (InterruptedException stopped) {
                    throw stopped;
                } catch (Exception | Error failed) {
                    // Catch everything: without this thread, the gate would ask Redis for every call from now on.
                    if (closed.getCount() == 0) {
                        return;
                    }
                    failures++;
                    boolean answeredBefore = answers;
                    answers = recover(failed, failures);
                    isBack = answers && !answeredBefore;
                }
                // Every call asks Redis until the log is followed again, so retry at once when Redis is back.
            } while (!closed.await(isBack ? 0 : RETRY.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether Redis answers. */
    private boolean recover(Throwable failed, int failures) {
        try {
            view.compareClocks();
            logOnce(failed);
            if (failed instanceof WrongServerException || failures % REOPEN_AFTER == 0) {
                connection.drop();
            }
            redis.connectIfNobodyDoes();
            return probe();
        } catch (Exception | Error again) {
            // Probably the gate is out of memory. The next attempt may succeed.
            view.commandFailed();
            return false;
        }
    }

    /**
     * Logs a failure, unless it is the last one logged or an outage. Outages are logged elsewhere; any other failure
     * lasts until the operator fixes it.
     */
    private void logOnce(Throwable failed) {
        Throwable cause = failed instanceof ExecutionException && failed.getCause() != null
                ? failed.getCause()
                : failed;
        boolean isOutage = cause instanceof RedisCommandExecutionException refused
                ? RedisErrors.isAway(refused)
                : cause instanceof RedisException || cause instanceof TimeoutException
                        || cause instanceof WrongServerException;
        String message = String.valueOf(cause.getMessage());
        if (isOutage || message.equals(lastLogged)) {
            LOG.debug("Cannot follow the log of changes: {}", failed.toString());
        } else {
            lastLogged = message;
            LOG.warn("Cannot follow the log of changes; every call asks Redis until the gate can follow it again: {}",
                    message);
        }
    }

    /**
     * Asks whether Redis answers at all. A reply ends the grace period: from then on, the gate reads records from Redis
     * again and no longer uses cached ones.
     */
    private boolean probe() {
        try {
            var _ = redis.run(RedisClusterAsyncCommands::ping).block(WAIT);
            return true;
        } catch (RuntimeException away) {
            LOG.debug("Redis does not answer: {}", away.toString());
            return false;
        }
    }

    @Override
    public void stop() {
        close();
    }

    @Override
    public boolean isRunning() {
        Thread started = thread;
        return started != null && started.isAlive();
    }

    /** Starts after the store, which it uses, and stops before it. */
    @Override
    public int getPhase() {
        return 2;
    }

    /**
     * Closes the connection, which ends a read that waits for a change. Does not interrupt the thread: an interrupt
     * could leak a connection that it is opening.
     */
    @Override
    public void close() {
        closed.countDown();
        connection.drop();
        Thread started = thread;
        try {
            if (started != null) {
                started.join(CLOSE_TIMEOUT);
                // Only now: a later heartbeat of the thread would list the gate again.
                heartbeat.leave(redis);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        connection.drop();
    }
}
