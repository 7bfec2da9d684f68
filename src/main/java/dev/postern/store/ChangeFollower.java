package dev.postern.store;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Follows the log of changes on a connection and a thread of its own, and makes the gate's {@link ChangeView} know them. The
 * changes are numbered without a gap; where one is missing, where the log is another, or where another run of Redis answers,
 * which may have lost some, a new epoch begins.
 */
public final class ChangeFollower implements SmartLifecycle, AutoCloseable {
    /** How long Redis is to hold an answer back while there is no change. */
    static final Duration WAIT = Duration.ofMillis(500);

    private static final Logger LOG = LoggerFactory.getLogger(ChangeFollower.class);
    private static final Duration RETRY = Duration.ofMillis(100);
    /** Lettuce ends a wait earlier; this is for a thread that must never hang. */
    private static final Duration LONGEST_REPLY = Duration.ofSeconds(10);
    private static final Duration LONGEST_END = Duration.ofSeconds(2);
    private static final int BATCH = 1000;
    private static final int REOPEN_AFTER = 20;
    /** The first time, so that a gate soon knows where it stands. */
    private static final Duration FIRST_WAIT = Duration.ofMillis(5);
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final Duration FORGET_GATES = Duration.ofHours(1);

    private final RedisStore redis;
    private final ChangeView view;
    private final ManagementServerCheck management;
    private final String look = Scripts.read("/dev/postern/store/look-at-log.lua");
    private final String beat = Scripts.read("/dev/postern/store/beat.lua");
    private final GateIdentity identity;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable Thread thread;
    private volatile @Nullable StatefulConnection<String, String> connection;
    private @Nullable Position position;
    private String told = "";
    private boolean beatRefused;

    public ChangeFollower(RedisStore redis, GateIdentity identity) {
        this.redis = redis;
        this.identity = identity;
        this.view = redis.changes().view();
        this.management = new ManagementServerCheck(redis);
    }

    /**
     * Where the log is followed.
     *
     * @param log  its id
     * @param run  which run of Redis has it
     * @param last number of the last change that is known
     */
    private record Position(String log, String run, long last) {
        boolean isOf(Look seen) {
            return log.equals(seen.log()) && run.equals(seen.run()) && last <= seen.count();
        }

        Position at(long number) {
            return new Position(log, run, number);
        }
    }

    /**
     * Changes that were read.
     *
     * @param isAll whether there were no more of them
     * @param asked when
     */
    private record Batch(Position end, boolean isAll, long asked) {}

    /** What Redis says of the log. */
    private record Look(String log, long count, String run) {}

    /** Differs from all others, and is no secret: not of a source that reads a file. */
    static String newLogId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
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
                    follow();
                } catch (InterruptedException stopped) {
                    throw stopped;
                } catch (Exception | Error failed) {
                    // Whatever it is: without this thread the gate would ask Redis for everything from now on.
                    failures++;
                    boolean answeredBefore = answers;
                    answers = recover(failed, failures);
                    isBack = answers && !answeredBefore;
                }
                // Until the log is followed, each call asks: a Redis that is just back is followed at once.
            } while (!closed.await(isBack ? 0 : RETRY.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether Redis answers. */
    private boolean recover(Throwable failed, int failures) {
        try {
            view.compareClocks();
            tell(failed);
            StatefulConnection<String, String> open = connection;
            if (open != null && (failed instanceof WrongServerException || failures % REOPEN_AFTER == 0)) {
                // Another one may lead to another server.
                connection = null;
                var _ = open.closeAsync();
            }
            redis.connectIfNobodyDoes();
            return probe();
        } catch (Exception | Error again) {
            // Memory may have run out, and may be there again the next time.
            view.commandFailed();
            return false;
        }
    }

    /** An outage is told of elsewhere; what else it is goes on until the operator looks into it. */
    private void tell(Throwable failed) {
        Throwable cause = failed instanceof ExecutionException && failed.getCause() != null
                ? failed.getCause()
                : failed;
        boolean isOutage = cause instanceof RedisCommandExecutionException refused
                ? RedisErrors.isAway(refused)
                : cause instanceof RedisException || cause instanceof TimeoutException
                        || cause instanceof WrongServerException;
        String message = String.valueOf(cause.getMessage());
        if (isOutage || message.equals(told)) {
            LOG.debug("The log of changes cannot be followed: {}", failed.toString());
        } else {
            told = message;
            LOG.warn("The log of changes cannot be followed, and Redis is asked about everything until it can: {}",
                    message);
        }
    }

    /** What follows is not read of the server that is to be asked. */
    private static final class WrongServerException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrongServerException(String message) {
            super(message, null, false, false);
        }
    }

    /** Whether Redis answers at all: while it does, nothing that is remembered counts without asking it. */
    private boolean probe() {
        try {
            var _ = redis.run(RedisClusterAsyncCommands::ping).block(WAIT);
            return true;
        } catch (RuntimeException away) {
            LOG.debug("Redis does not answer: {}", away.toString());
            return false;
        }
    }

    private void follow() throws TimeoutException, ExecutionException, InterruptedException {
        StatefulConnection<String, String> open = connection;
        if (open == null) {
            open = redis.open();
            connection = open;
        }
        RedisClusterAsyncCommands<String, String> commands = RedisConnections.async(open);
        if (position != null && position.run().isEmpty()) {
            // Redis does not say whether it is the one that it was.
            missed("it was away, and may not say which run of Redis it is on");
        }
        position = adopt(look(commands));
        long seen = 0;
        long beatAt = 0;
        long lookedAt = view.nanoTime();
        Duration wait = FIRST_WAIT;
        while (closed.getCount() > 0) {
            long before = position.last();
            Batch batch = read(commands, position, wait);
            boolean suspended = view.compareClocks();
            position = batch.end();
            wait = WAIT;
            flush();
            boolean idle = position.last() == before;
            if (idle && before < seen) {
                // There are changes, and the log does not have them.
                position = position.at(seen);
                missed("changes were taken out of it");
            }
            if (!idle || view.nanoTime() - beatAt >= BEAT.toNanos()) {
                beatAt = view.nanoTime();
                beat(commands, position);
            }
            if (idle || view.nanoTime() - lookedAt >= LOOK.toNanos()) {
                long asked = view.nanoTime();
                Look now = look(commands);
                boolean same = position.isOf(now);
                position = adopt(now);
                seen = now.count();
                lookedAt = view.nanoTime();
                // Only now is it sure that what was read was read of the same log, on the same run of Redis.
                if (same && batch.isAll() && !suspended) {
                    told = "";
                    view.heard(now.count() == position.last() ? asked : batch.asked());
                }
            }
        }
    }

    /** A Redis that takes no writes for the moment keeps what it has, and that can be followed. */
    private void flush() {
        try {
            for (int sent = 0; sent < BATCH && redis.changes().isWaiting(); sent++) {
                var _ = redis.changes().flushOne().block(WAIT);
            }
        } catch (RuntimeException refused) {
            LOG.debug("What could not be logged cannot be logged yet: {}", refused.toString());
        }
    }

    /** What is followed here and what is read elsewhere must be of the same server, or what is read may be older than it looks. */
    private Look look(RedisClusterAsyncCommands<String, String> commands)
            throws TimeoutException, ExecutionException, InterruptedException {
        redis.connectIfNobodyDoes();
        CompletableFuture<WhichServer.@Nullable Server> asked = redis.server().toFuture();
        List<String> seen = await(commands.eval(look, ScriptOutputType.MULTI, new String[]{ChangeLog.HEAD},
                newLogId()));
        Look here = new Look(seen.get(0), Long.parseLong(seen.get(1)), seen.get(2));
        boolean isReplica = seen.get(3).equals("slave");
        Optional<WhichServer.Server> wrong = WhichServer.answered(asked, LONGEST_REPLY)
                .filter(there -> there.isReplica() || (!isReplica && !there.run().equals(here.run())));
        if (wrong.isPresent()) {
            String why = wrong.get().isReplica()
                    ? WhichServer.REPLICA
                    : "The connection leads to another Redis than the one whose changes are followed";
            redis.distrust(why);
            throw new WrongServerException(why);
        }
        if (isReplica) {
            throw new WrongServerException(WhichServer.REPLICA);
        }
        if (management.leadsElsewhere(here.run())) {
            String why = "Redis has been replaced by another, to which new connections lead";
            redis.distrust(why);
            throw new WrongServerException(why);
        }
        // Noted all the time: when a change is made it may be gone already.
        var _ = redis.expectedReplicas().with(Integer.parseInt(seen.get(4)));
        return here;
    }

    /** Who waits for a receipt learns from it how far this gate has come. */
    private void beat(RedisClusterAsyncCommands<String, String> commands, Position at)
            throws TimeoutException, ExecutionException, InterruptedException {
        try {
            await(commands.eval(beat, ScriptOutputType.INTEGER, new String[]{Gates.GATES, Gates.BEATS}, identity.id(),
                    identity.record(view, at.log(), at.last()), Long.toString(forgotten().toMillis())));
            beatRefused = false;
        } catch (ExecutionException failed) {
            // As above: this gate does not show among the others then.
            if (!(failed.getCause() instanceof RedisCommandExecutionException refused) || RedisErrors.isAway(refused)) {
                throw failed;
            }
            if (!beatRefused) {
                beatRefused = true;
                LOG.warn("Redis does not let this gate say that it is there: {}", refused.getMessage());
            }
        }
    }

    /** After how much silence a gate is no longer listed: one that may yet decide always is. */
    private Duration forgotten() {
        Duration decides = view.longestGrace().plus(Gates.SILENT_AFTER);
        return decides.compareTo(FORGET_GATES) > 0 ? decides : FORGET_GATES;
    }

    private Position adopt(Look seen) {
        Position present = position;
        if (present != null && present.isOf(seen)) {
            return present;
        }
        if (present != null) {
            missed(!present.log().equals(seen.log())
                    ? "it is another"
                    : !present.run().equals(seen.run())
                            ? "Redis was started anew, or another took over"
                            : "it went back");
        }
        return new Position(seen.log(), seen.run(), seen.count());
    }

    private void missed(String why) {
        LOG.info("The log of changes cannot be followed on: {}. All that is remembered is read again when it is needed",
                why);
        view.missed();
    }

    @SuppressWarnings("unchecked") // an array of the one place that is read
    private Batch read(RedisClusterAsyncCommands<String, String> commands, Position from, Duration wait)
            throws TimeoutException, ExecutionException, InterruptedException {
        long asked = view.nanoTime();
        List<StreamMessage<String, String>> entries = await(commands.xread(
                XReadArgs.Builder.block(wait).count(BATCH), StreamOffset.from(ChangeLog.LOG, from.last() + "-0")));
        Position at = from;
        for (StreamMessage<String, String> entry : entries) {
            long number = Long.parseLong(entry.getId().substring(0, entry.getId().indexOf('-')));
            if (number != at.last() + 1) {
                missed("changes were taken out of it");
            }
            ChangeLog.apply(view, entry.getBody());
            at = at.at(number);
        }
        return new Batch(at, entries.size() < BATCH, asked);
    }

    private static <T> T await(Future<T> reply) throws TimeoutException, ExecutionException, InterruptedException {
        return reply.get(LONGEST_REPLY.toMillis(), TimeUnit.MILLISECONDS);
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

    /** After the store, which it uses, and ended before it. */
    @Override
    public int getPhase() {
        return 2;
    }

    /** Not by an interrupt, which would leave a connection that is just being opened to nobody. */
    @Override
    public void close() {
        closed.countDown();
        Thread started = thread;
        try {
            if (started != null) {
                started.join(LONGEST_END);
            }
            StatefulConnection<String, String> open = connection;
            if (open != null) {
                leave(open);
                open.closeAsync().get(LONGEST_END.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException failed) {
            LOG.debug("The connection to the log of changes did not end by itself: {}", failed.toString());
        }
    }

    /** No receipt is to miss a gate that has stopped, as it would one that is cut off. */
    private void leave(StatefulConnection<String, String> open) throws InterruptedException {
        try {
            RedisClusterAsyncCommands<String, String> commands = RedisConnections.async(open);
            Future<Long> beat = commands.zrem(Gates.BEATS, identity.id());
            commands.hdel(Gates.GATES, identity.id()).get(WAIT.toMillis(), TimeUnit.MILLISECONDS);
            beat.get(WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException | RedisException away) {
            LOG.debug("This gate could not say that it stops: {}", away.toString());
        }
    }
}
