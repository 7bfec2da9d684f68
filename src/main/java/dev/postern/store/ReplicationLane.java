package dev.postern.store;

import dev.postern.store.Replication.Replicas;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Batches the waits for one node's replicas: all calls that arrive during a wait share the next one. */
final class ReplicationLane {
    private static final Duration NONE_FOR = Duration.ofSeconds(1);
    private static final Duration MARK_FOR = Duration.ofSeconds(10);
    private static final int MAX_WAITING = 1000;
    private static final String GONE_BACK = "Redis has gone back to an earlier state";

    private final StatefulRedisConnection<String, String> connection;
    private final String reach;
    private final ExpectedReplicas expected;
    private final Consumer<StatefulRedisConnection<String, String>> reopen;
    private final LongAdder losses = new LongAdder();
    private List<Waiting> next = new ArrayList<>();
    private boolean underWay;
    private volatile boolean hadNone;
    private volatile long hadNoneAt;

    /**
     * @param reach    the script that writes a mark after the changes, and checks that they are still there
     * @param expected how many replicas there were lately
     * @param reopen   called with a connection whose server is no longer a primary
     */
    ReplicationLane(StatefulRedisConnection<String, String> connection, String reach,
            ExpectedReplicas expected, Consumer<StatefulRedisConnection<String, String>> reopen) {
        this.connection = connection;
        this.reach = reach;
        this.expected = expected;
        this.reopen = reopen;
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> lost) {
                losses.increment();
                // The next connection may lead to another server.
                hadNone = false;
            }
        });
    }

    private record Waiting(List<CallChanges.Part> parts, CompletableFuture<Replicas> done) {}

    /** The state of the replicas once they have these changes, or did not confirm them in time. */
    CompletableFuture<Replicas> join(List<CallChanges.Part> parts) {
        if (hadNone && System.nanoTime() - hadNoneAt < NONE_FOR.toNanos()) {
            return CompletableFuture.completedFuture(Replicas.NONE);
        }
        Waiting waiting = new Waiting(parts, new CompletableFuture<>());
        synchronized (this) {
            if (next.size() >= MAX_WAITING) {
                return CompletableFuture.failedFuture(
                        new StoreUnavailableException("Too many calls are waiting for the replicas of Redis"));
            }
            next.add(waiting);
            if (underWay) {
                return waiting.done();
            }
            underWay = true;
        }
        begin();
        return waiting.done();
    }

    private void begin() {
        List<Waiting> all;
        synchronized (this) {
            all = next;
            next = new ArrayList<>();
            if (all.isEmpty()) {
                underWay = false;
                return;
            }
        }
        guarded(all, () -> {
            long before = losses.sum();
            List<CompletableFuture<Integer>> sent = all.stream().map(waiting -> send(waiting.parts())).toList();
            var _ = CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).handle((_, _) -> {
                guarded(all, () -> finish(all, sent, before));
                return null;
            });
        });
    }

    /** Must catch everything, even running out of memory: nothing else starts the next wait. */
    private void guarded(List<Waiting> all, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error failed) {
            all.forEach(waiting -> waiting.done().completeExceptionally(new RedisException(failed)));
            begin();
        }
    }

    /** Writes a mark after the changes. Returns the number of replicas, or -1 if it is unknown. */
    private CompletableFuture<Integer> send(List<CallChanges.Part> parts) {
        List<CompletableFuture<Integer>> replies = parts.stream().map(this::send).toList();
        return CompletableFuture.allOf(replies.toArray(CompletableFuture[]::new)).thenApply(
                _ -> replies.getLast().join());
    }

    private CompletableFuture<Integer> send(CallChanges.Part part) {
        List<String> keys = new ArrayList<>(List.of(part.mark()));
        List<String> arguments = new ArrayList<>(List.of(Long.toString(MARK_FOR.toMillis()),
                part.logged().map(ChangeLog.Place::log).orElse(""),
                part.logged().map(place -> Long.toString(place.number())).orElse("0")));
        part.logged().ifPresent(_ -> keys.add(ChangeLog.HEAD));
        part.ended().forEach((key, text) -> {
            keys.add(key);
            arguments.add(text);
        });
        try {
            RedisAsyncCommands<String, String> commands = connection.async();
            return commands.<List<Long>>eval(reach, ScriptOutputType.MULTI, keys.toArray(String[]::new),
                    arguments.toArray(String[]::new)).toCompletableFuture().thenApply(reply -> {
                        if (reply.get(1) > 0) {
                            throw new StoreUnavailableException("The change was made, but then " + GONE_BACK);
                        }
                        return reply.getFirst().intValue();
                    });
        } catch (RuntimeException rejected) {
            return CompletableFuture.failedFuture(rejected);
        }
    }

    private void finish(List<Waiting> all, List<CompletableFuture<Integer>> sent, long before) {
        List<Waiting> written = new ArrayList<>();
        int connected = 0;
        for (int i = 0; i < all.size(); i++) {
            Waiting waiting = all.get(i);
            if (sent.get(i).isCompletedExceptionally()) {
                fail(waiting, sent.get(i).exceptionNow());
            } else {
                connected = sent.get(i).join();
                written.add(waiting);
            }
        }
        if (written.isEmpty()) {
            hadNone = false;
            begin();
            return;
        }
        int lately = expected.with(connected);
        if (connected == 0) {
            hadNoneAt = System.nanoTime();
            hadNone = lately == 0;
            Replicas none = new Replicas(OptionalInt.of(0), OptionalInt.of(0), lately);
            written.forEach(waiting -> waiting.done().complete(none));
            begin();
            return;
        }
        hadNone = false;
        await(written, connected, lately, before);
    }

    private void await(List<Waiting> written, int connected, int lately, long before) {
        CompletableFuture<Long> replicas;
        try {
            // Wait for all replicas: the gate cannot know which one takes over.
            RedisAsyncCommands<String, String> commands = connection.async();
            replicas = commands.waitForReplication(Math.max(1, connected), Replication.LONGEST.toMillis())
                    .toCompletableFuture();
        } catch (RuntimeException rejected) {
            replicas = CompletableFuture.failedFuture(rejected);
        }
        var _ = replicas.handle((confirmed, failure) -> {
            // The command may have run on a new connection, which has written nothing; its reply proves nothing then.
            Throwable trouble = failure == null && losses.sum() != before
                    ? new RedisException("The connection was lost")
                    : failure;
            guarded(written, () -> {
                for (Waiting waiting : written) {
                    if (trouble == null) {
                        waiting.done().complete(new Replicas(
                                connected < 0 ? OptionalInt.empty() : OptionalInt.of(connected),
                                OptionalInt.of(confirmed.intValue()), lately));
                    } else {
                        fail(waiting, trouble);
                    }
                }
                begin();
            });
            return null;
        });
    }

    private void fail(Waiting waiting, Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
        String message = String.valueOf(cause.getMessage());
        if (message.contains("READONLY") || message.contains("WAIT cannot be used") || message.contains(GONE_BACK)) {
            reopen.accept(connection);
        }
        waiting.done().completeExceptionally(cause);
    }
}
