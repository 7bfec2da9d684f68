package dev.postern.store;

import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Opens the connections to the nodes of a Cluster before commands need them. By itself, Lettuce opens a connection when
 * the first command for a node comes, and refuses commands until it is open, as it does whenever there is no
 * connection. A gate that tries, is refused and starts over would never get anywhere.
 */
final class ClusterNodes {
    private ClusterNodes() {}

    static StatefulRedisClusterConnection<String, String> connect(RedisClusterClient client) {
        StatefulRedisClusterConnection<String, String> connection = client.connect();
        // Connecting and the handshake may each take this long. A connection that is not open by then opens later, or
        // its commands fail.
        long limit = 2 * connection.getTimeout().toMillis();
        open(connection).orTimeout(limit, TimeUnit.MILLISECONDS).handle((_, _) -> connection).join();
        return connection;
    }

    /** Completes when each node is connected or has failed to connect. */
    static CompletableFuture<Void> open(StatefulRedisClusterConnection<String, String> connection) {
        return CompletableFuture.allOf(connection.getPartitions().stream().filter(node -> node.getRole().isUpstream())
                .map(node -> open(connection, node)).toArray(CompletableFuture[]::new));
    }

    /**
     * Connects by address, as Lettuce does for the node of a slot. With the node ID, it would open a second connection.
     */
    private static CompletableFuture<?> open(StatefulRedisClusterConnection<String, String> connection,
            RedisClusterNode node) {
        try {
            return connection.getConnectionAsync(node.getUri().getHost(), node.getUri().getPort())
                    // Commands for this node will fail and say why.
                    .handle((_, _) -> node);
        } catch (RedisException gone) {
            return CompletableFuture.completedFuture(node);
        }
    }
}
