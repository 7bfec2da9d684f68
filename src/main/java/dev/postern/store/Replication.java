package dev.postern.store;

import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Waits until the replicas have a call's changes, so that a failover does not undo them: Redis replies before the
 * replicas have a change. It uses its own connection, opened when it is first needed, since {@code WAIT} blocks every
 * command sent after it.
 *
 * <p>Changes through the management API wait, and so do {@code PUT} and {@code DELETE} of {@code /keys}, and {@code
 * /oauth/revoke}. Calls that issue tokens or admit terminals do not wait, though a new token may push out the oldest
 * one: nobody asked for that, and the wait would slow down every token.
 */
public final class Replication implements SmartLifecycle, AutoCloseable {
    /** How long to wait for replicas. */
    static final Duration LONGEST = Duration.ofMillis(500);
    /** A wait may queue behind another one, and is retried while Redis fails over. */
    private static final Duration LONGEST_OF_ALL = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(Replication.class);
    private static final Duration PAUSE = Duration.ofMillis(25);

    private final ReplicationConnection connection;
    private final ReplicationNodes nodes;
    private final LongAdder unconfirmed = new LongAdder();
    private volatile boolean running;
    private volatile boolean refused;

    Replication(RedisStore redis) {
        this.connection = new ReplicationConnection(redis);
        this.nodes = new ReplicationNodes(connection, redis.expectedReplicas());
    }

    /**
     * How many replicas have the change. With several Cluster nodes, the numbers of the worst one.
     *
     * @param connected how many replicas are connected; empty if Redis does not tell
     * @param confirmed how many confirmed the change in time; empty if Redis does not tell
     * @param expected  the most that this gate has seen connected in the last ten minutes
     */
    public record Replicas(OptionalInt connected, OptionalInt confirmed, int expected) {
        public static final Replicas UNKNOWN = new Replicas(OptionalInt.empty(), OptionalInt.empty(), 0);
        static final Replicas NONE = new Replicas(OptionalInt.of(0), OptionalInt.of(0), 0);

        /**
         * Whether a failover may undo the change: not all replicas are known to have it, and any of them may take over.
         * One that is no longer connected may have taken over already.
         */
        public boolean isShort() {
            return confirmed.isEmpty() || confirmed.getAsInt() < wanted();
        }

        static Replicas worse(Replicas one, Replicas other) {
            return one.missing() > other.missing()
                    || (one.missing() == other.missing() && one.confirmed().orElse(0) <= other.confirmed().orElse(0))
                            ? one
                            : other;
        }

        private int wanted() {
            return Math.max(connected.orElse(1), expected);
        }

        private int missing() {
            return confirmed.isEmpty() ? Integer.MAX_VALUE : wanted() - confirmed.getAsInt();
        }
    }

    /**
     * Runs a call that changes something. Returns its result once the replicas have the change, or did not confirm it
     * in time.
     */
    public <T> Mono<T> confirmed(Mono<T> call) {
        return collecting(call.singleOptional().flatMap(result -> confirm().thenReturn(result)))
                .flatMap(Mono::justOrEmpty);
    }

    /** Runs a call, so that {@link #confirm} within it knows what it has changed. */
    public <T> Mono<T> collecting(Mono<T> call) {
        return Mono.defer(() -> {
            CallChanges written = new CallChanges();
            return call.contextWrite(context -> context.put(CallChanges.class, written));
        });
    }

    /** Adds the slot of a key to the call's changes. For changes that bypass the log, or were made earlier. */
    public static Mono<Void> note(String key) {
        return Mono.deferContextual(context -> {
            CallChanges.in(context).ifPresent(written -> written.changed(key));
            return Mono.empty();
        });
    }

    /**
     * Waits until the replicas have the call's changes so far, for at most {@link #LONGEST} for each node.
     *
     * @return {@link StoreUnavailableException} when Redis became unreachable meanwhile, or a revoked record is back:
     *         the change may be lost, and should be repeated
     */
    public Mono<Replicas> confirm() {
        return Mono.deferContextual(context -> confirm(CallChanges.in(context).orElseGet(CallChanges::new)));
    }

    private Mono<Replicas> confirm(CallChanges written) {
        long start = System.nanoTime();
        Map<Integer, ReplicationNodes.Address> moved = new ConcurrentHashMap<>();
        return Mono.defer(() -> once(written, moved))
                .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, PAUSE).filter(
                        failure -> isAway(failure, written, moved) && System.nanoTime() - start < LONGEST.toNanos()))
                .timeout(LONGEST_OF_ALL)
                .onErrorResume(ReplicationErrors::isRefused, this::refused)
                .doOnNext(replicas -> {
                    if (replicas.isShort()) {
                        unconfirmed.increment();
                    }
                })
                .doOnError(_ -> unconfirmed.increment())
                .onErrorMap(failure -> failure instanceof StoreUnavailableException
                        ? failure
                        : new StoreUnavailableException(
                                "The change was made, but Redis became unreachable before its replicas had it",
                                failure));
    }

    /** Whether to retry; remembers which node has a slot now. */
    private boolean isAway(Throwable failure, CallChanges written, Map<Integer, ReplicationNodes.Address> moved) {
        if (failure instanceof StoreUnavailableException || ReplicationErrors.isRefused(failure)) {
            return false;
        }
        Optional<ReplicationErrors.Move> move = ReplicationErrors.move(failure);
        if (move.isPresent()) {
            moved.put(move.get().slot(), move.get().to());
            return true;
        }
        // Another server may answer the retry. Trust it only if the gate can check whether it has the change.
        return failure instanceof RedisException && (nodes.isOneServer() || written.bySlot().stream().allMatch(
                CallChanges.Part::isSure));
    }

    private Mono<Replicas> refused(Throwable failure) {
        if (!refused) {
            refused = true;
            LOG.warn("Redis refuses to let this gate wait for replicas: {}", failure.getMessage());
        }
        return Mono.just(Replicas.UNKNOWN);
    }

    private Mono<Replicas> once(CallChanges written, Map<Integer, ReplicationNodes.Address> moved) {
        return connection.get().flatMapMany(open -> ReplicationNodes.of(open, written, moved))
                .flatMap(node -> EventLoops.await(node.connection())
                        .flatMap(open -> EventLoops.await(nodes.lane(open).join(node.parts()))))
                .reduce(Replicas::worse);
    }

    /** How many callers were answered before all replicas were known to have the change. */
    public long unconfirmed() {
        return unconfirmed.sum();
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Starts after the store, which it uses, and stops before it. */
    @Override
    public int getPhase() {
        return 2;
    }

    @Override
    public void close() {
        running = false;
        connection.close();
    }
}
