package dev.postern.store;

import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Opens the connections to the nodes of a Cluster before there are commands for them. Lettuce by itself opens one when the first
 * command comes, which it refuses meanwhile, as it does with every command where there is no connection: a gate that tries, is
 * refused and begins anew would never get anywhere.
 */
final class ClusterNodes {
    private ClusterNodes() {}

    static StatefulRedisClusterConnection<String, String> connect(RedisClusterClient client) {
        StatefulRedisClusterConnection<String, String> connection = client.connect();
        // To connect and to shake hands have each this long; what is not open by then will be, or its commands fail.
        long limit = 2 * connection.getTimeout().toMillis();
        open(connection).orTimeout(limit, TimeUnit.MILLISECONDS).handle((_, _) -> connection).join();
        return connection;
    }

    /** Done when each of them is connected, or cannot be. */
    static CompletableFuture<Void> open(StatefulRedisClusterConnection<String, String> connection) {
        return CompletableFuture.allOf(connection.getPartitions().stream().filter(node -> node.getRole().isUpstream())
                .map(node -> open(connection, node)).toArray(CompletableFuture[]::new));
    }

    /** By address, as Lettuce looks for the node of a slot; by the id of a node, it would open another connection. */
    private static CompletableFuture<?> open(StatefulRedisClusterConnection<String, String> connection,
            RedisClusterNode node) {
        try {
            return connection.getConnectionAsync(node.getUri().getHost(), node.getUri().getPort())
                    // Commands for this node will be told that it is away.
                    .handle((_, _) -> node);
        } catch (RedisException gone) {
            return CompletableFuture.completedFuture(node);
        }
    }
}
