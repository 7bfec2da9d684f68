package dev.postern.store;

import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Flux;

/**
 * The nodes that hold a call's changes, each with a {@link ReplicationLane} that waits for its replicas: one server, or
 * in a Cluster the nodes of the changed slots.
 */
final class ReplicationNodes {
    private static final int MAX_LANES = 64;

    private final String reach = Scripts.read("/dev/postern/store/reach-replicas.lua");
    private final ReplicationConnection connection;
    private final ExpectedReplicas expected;
    private final Map<StatefulRedisConnection<String, String>, ReplicationLane> lanes = new ConcurrentHashMap<>();

    ReplicationNodes(ReplicationConnection connection, ExpectedReplicas expected) {
        this.connection = connection;
        this.expected = expected;
    }

    record Address(String host, int port) {}

    /** A node, with the changes to check there. */
    record Node(CompletableFuture<StatefulRedisConnection<String, String>> connection,
            List<CallChanges.Part> parts) {}

    /**
     * @param open  the connection to the server or to the Cluster
     * @param moved the new nodes of slots, by slot, where the connection does not know them yet
     */
    static Flux<Node> of(StatefulConnection<String, String> open, CallChanges written,
            Map<Integer, Address> moved) {
        return switch (open) {
            case StatefulRedisConnection<String, String> single ->
                Flux.just(new Node(CompletableFuture.completedFuture(single), written.together()));
            case StatefulRedisClusterConnection<String, String> cluster -> {
                Map<Address, List<CallChanges.Part>> byNode = new LinkedHashMap<>();
                for (CallChanges.Part part : written.bySlot()) {
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

    /** One mark is enough for a node; beyond that, keep only the parts that can be checked. */
    private static List<CallChanges.Part> tellingOnes(List<CallChanges.Part> parts) {
        List<CallChanges.Part> telling = parts.stream().filter(CallChanges.Part::canBeSeen).toList();
        return telling.isEmpty() ? List.of(parts.getFirst()) : telling;
    }

    private static Address nodeOf(StatefulRedisClusterConnection<String, String> cluster, int slot) {
        RedisClusterNode node = cluster.getPartitions().getPartitionBySlot(slot);
        if (node == null) {
            throw new RedisException("No node has slot " + slot);
        }
        return new Address(node.getUri().getHost(), node.getUri().getPort());
    }

    ReplicationLane lane(StatefulRedisConnection<String, String> node) {
        if (lanes.size() > MAX_LANES) {
            lanes.keySet().removeIf(old -> !old.isOpen());
        }
        return lanes.computeIfAbsent(node, opened -> new ReplicationLane(opened, reach,
                isOneServer() ? expected : new ExpectedReplicas(System::nanoTime), connection::reopen));
    }

    boolean isOneServer() {
        return !(connection.now() instanceof StatefulRedisClusterConnection);
    }
}
