package dev.postern.store;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Waits until the replicas have what a call has changed, so that a failover does not undo it: Redis answers before they have it.
 * On a connection of its own, which is opened when it is first needed, since {@code WAIT} holds up whatever is sent after it.
 *
 * <p>Those calls wait that end something on somebody's demand, or may take something away: the management API, and what clients
 * revoke. Where tokens are given out and terminals let in nobody waits, though the oldest token may end for the newest: nobody
 * asked for that end, and each token would pay for it.
 */
public final class Replication implements SmartLifecycle, AutoCloseable {
    /** How long replicas are waited for. */
    static final Duration LONGEST = Duration.ofMillis(500);
    /** Which may come behind another wait, and be tried again while Redis changes over. */
    private static final Duration LONGEST_OF_ALL = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(Replication.class);
    private static final Duration PAUSE = Duration.ofMillis(25);
    private static final int MAX_LANES = 64;
    /** Redis says that it cannot now, or that another can; in scripts older ones say so in the midst of a sentence. */
    private static final Pattern AWAY = Pattern.compile("\\b(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|MOVED|ASK|TRYAGAIN"
            + "|NOREPLICAS|MISCONF|UNBLOCKED|BUSY)\\b|WAIT cannot be used");
    private static final Pattern MOVED = Pattern.compile("MOVED (\\d+) (\\S+):(\\d+)");

    private final String reach = Scripts.read("/dev/postern/store/reach-replicas.lua");
    private final ReplicationConnection connection;
    private final Map<StatefulRedisConnection<String, String>, ReplicationLane> lanes = new ConcurrentHashMap<>();
    private final ExpectedReplicas expected;
    private final LongAdder unconfirmed = new LongAdder();
    private volatile boolean running;
    private volatile boolean refused;

    public Replication(RedisStore redis) {
        this.connection = new ReplicationConnection(redis);
        this.expected = redis.expectedReplicas();
    }

    /**
     * How many replicas have it; of several nodes of a Cluster, the one that is worst off.
     *
     * @param connected how many follow; empty where Redis does not say
     * @param confirmed how many have said in time that they have it; empty where Redis does not say
     * @param expected  the most that this gate has seen follow within the last ten minutes
     */
    public record Replicas(OptionalInt connected, OptionalInt confirmed, int expected) {
        public static final Replicas UNKNOWN = new Replicas(OptionalInt.empty(), OptionalInt.empty(), 0);
        static final Replicas NONE = new Replicas(OptionalInt.of(0), OptionalInt.of(0), 0);

        /**
         * Whether a failover may undo it: not all replicas are known to have it, and any may be the one that takes over, or has taken
         * over already, when it follows no more.
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

    /** Runs a call that changes something; its result is there when the replicas have it too, or have not said so in time. */
    public <T> Mono<T> confirmed(Mono<T> call) {
        return collecting(call.singleOptional().flatMap(result -> confirm().thenReturn(result)))
                .flatMap(Mono::justOrEmpty);
    }

    /** Runs a call, so that {@link #confirm} within it knows what it has changed. */
    public <T> Mono<T> collecting(Mono<T> call) {
        return Mono.defer(() -> {
            Written written = new Written();
            return call.contextWrite(context -> context.put(Written.class, written));
        });
    }

    /** Adds the slot of a key to what the call has changed, for what is changed without the log, or was before. */
    public static Mono<Void> note(String key) {
        return Mono.deferContextual(context -> {
            Written.in(context).ifPresent(written -> written.changed(key));
            return Mono.empty();
        });
    }

    /**
     * Waits until the replicas have what the call has changed so far; no longer than {@link #LONGEST} for each node.
     *
     * @return {@link StoreUnavailableException} when Redis has gone away meanwhile, or has again what was ended: what was done
     *         may come to nothing, and should be done again
     */
    public Mono<Replicas> confirm() {
        return Mono.deferContextual(context -> confirm(Written.in(context).orElseGet(Written::new)));
    }

    private Mono<Replicas> confirm(Written written) {
        long start = System.nanoTime();
        Map<Integer, Address> moved = new ConcurrentHashMap<>();
        return Mono.defer(() -> once(written, moved))
                .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, PAUSE).filter(
                        failure -> isAway(failure, written, moved) && System.nanoTime() - start < LONGEST.toNanos()))
                .timeout(LONGEST_OF_ALL)
                .onErrorResume(failure -> isRefused(failure), this::refused)
                .doOnNext(replicas -> {
                    if (replicas.isShort()) {
                        unconfirmed.increment();
                    }
                })
                .doOnError(_ -> unconfirmed.increment())
                .onErrorMap(failure -> failure instanceof StoreUnavailableException
                        ? failure
                        : new StoreUnavailableException("It was done, but Redis went away before its replicas had it",
                                failure));
    }

    private record Address(String host, int port) {}

    /** Whether to try again; keeps in mind which node has a slot now. */
    private boolean isAway(Throwable failure, Written written, Map<Integer, Address> moved) {
        if (failure instanceof StoreUnavailableException || isRefused(failure)) {
            return false;
        }
        Matcher elsewhere = MOVED.matcher(String.valueOf(failure.getMessage()));
        if (elsewhere.find()) {
            moved.put(Integer.valueOf(elsewhere.group(1)),
                    new Address(elsewhere.group(2), Integer.parseInt(elsewhere.group(3))));
            return true;
        }
        // Another server may answer the next time, and is only to be believed if it can be seen whether it has the change.
        return failure instanceof RedisException && (isOneServer() || written.bySlot().stream().allMatch(
                Written.Part::isSure));
    }

    /** It answers, but does not do this, as where its user may not. */
    private static boolean isRefused(Throwable failure) {
        return failure instanceof RedisCommandExecutionException
                && !AWAY.matcher(String.valueOf(failure.getMessage())).find();
    }

    private Mono<Replicas> refused(Throwable failure) {
        if (!refused) {
            refused = true;
            LOG.warn("Redis does not let this gate wait for its replicas: {}", failure.getMessage());
        }
        return Mono.just(Replicas.UNKNOWN);
    }

    private boolean isOneServer() {
        return !(connection.now() instanceof StatefulRedisClusterConnection);
    }

    private Mono<Replicas> once(Written written, Map<Integer, Address> moved) {
        return connection.get().flatMapMany(open -> nodes(open, written, moved))
                .flatMap(node -> EventLoops.await(node.connection())
                        .flatMap(open -> EventLoops.await(lane(open).join(node.parts()))))
                .reduce(Replicas::worse);
    }

    /** A node, and what of the change is there. */
    private record Node(CompletableFuture<StatefulRedisConnection<String, String>> connection,
            List<Written.Part> parts) {}

    private static Flux<Node> nodes(StatefulConnection<String, String> open, Written written,
            Map<Integer, Address> moved) {
        return switch (open) {
            case StatefulRedisConnection<String, String> single ->
                Flux.just(new Node(CompletableFuture.completedFuture(single), written.together()));
            case StatefulRedisClusterConnection<String, String> cluster -> {
                Map<Address, List<Written.Part>> byNode = new LinkedHashMap<>();
                for (Written.Part part : written.bySlot()) {
                    Address there = moved.get(part.slot());
                    byNode.computeIfAbsent(there == null ? nodeOf(cluster, part.slot()) : there,
                            _ -> new ArrayList<>()).add(part);
                }
                yield Flux.fromIterable(byNode.entrySet()).map(node -> new Node(
                        cluster.getConnectionAsync(node.getKey().host(), node.getKey().port()),
                        tellingOnes(node.getValue())));
            }
            default -> throw new IllegalStateException("unknown connection " + open.getClass());
        };
    }

    /** One mark is enough for a node; of the rest only what can be seen. */
    private static List<Written.Part> tellingOnes(List<Written.Part> parts) {
        List<Written.Part> telling = parts.stream().filter(Written.Part::canBeSeen).toList();
        return telling.isEmpty() ? List.of(parts.getFirst()) : telling;
    }

    private static Address nodeOf(StatefulRedisClusterConnection<String, String> cluster, int slot) {
        RedisClusterNode node = cluster.getPartitions().getPartitionBySlot(slot);
        if (node == null) {
            throw new RedisException("No node has slot " + slot);
        }
        return new Address(node.getUri().getHost(), node.getUri().getPort());
    }

    private ReplicationLane lane(StatefulRedisConnection<String, String> node) {
        if (lanes.size() > MAX_LANES) {
            lanes.keySet().removeIf(old -> !old.isOpen());
        }
        return lanes.computeIfAbsent(node, opened -> new ReplicationLane(opened, reach,
                isOneServer() ? expected : new ExpectedReplicas(System::nanoTime), connection::reopen));
    }

    /** How often replicas were not known to have a change when its caller was answered. */
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

    /** After the store, which it uses, and ended before it. */
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
