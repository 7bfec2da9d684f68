package dev.postern.store;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;

/** Opens connections to one server or to a Cluster, for which Lettuce has different classes. */
final class RedisConnections {
    private RedisConnections() {}

    static StatefulConnection<String, String> open(AbstractRedisClient client) {
        return switch (client) {
            case RedisClient single -> single.connect();
            case RedisClusterClient cluster -> ClusterNodes.connect(cluster);
            default -> throw new IllegalStateException("unknown client " + client.getClass());
        };
    }

    static RedisClusterAsyncCommands<String, String> async(StatefulConnection<String, String> opened) {
        return switch (opened) {
            case StatefulRedisConnection<String, String> single -> single.async();
            case StatefulRedisClusterConnection<String, String> cluster -> cluster.async();
            default -> throw new IllegalStateException("unknown connection " + opened.getClass());
        };
    }
}
