package dev.postern.store;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How Redis is used: {@code postern.store.*}. Its address is in {@code spring.data.redis.*}.
 *
 * @param commandTimeout How long to wait for a reply from Redis.
 * @param maxInFlight How many commands may wait for a reply; in a Cluster, on each node. Further commands fail at
 *     once.
 * @param connectTimeout How long to wait for a connection to Redis, for its handshake, and for the answers of
 *     sentinels and of a Cluster about its topology.
 * @param management The Redis connection that the management API, {@code /keys}, token requests and lists share.
 */
public record StoreSettings(@DefaultValue("100ms") Duration commandTimeout, @DefaultValue("4096") int maxInFlight,
        @DefaultValue("1s") Duration connectTimeout, @DefaultValue Management management) {
    public StoreSettings {
        if (!commandTimeout.isPositive() || !connectTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "postern.store.command-timeout and connect-timeout must be more than 0");
        }
        if (maxInFlight < 1) {
            throw new IllegalArgumentException("postern.store.max-in-flight must be at least 1");
        }
    }

    /**
     * The connection that the management API, the dialects and lists use. No decision uses it: {@code
     * postern.store.management.*}.
     *
     * @param commandTimeout How long to wait for a reply on this connection.
     * @param maxInFlight How many commands may wait for a reply on this connection. Further commands fail at once.
     * @param workers How many threads read and write the records and lists of the management API and {@code /keys}; 1
     *     to 64.
     */
    public record Management(@DefaultValue("1s") Duration commandTimeout, @DefaultValue("1024") int maxInFlight,
            @DefaultValue("2") int workers) {
        private static final int MAX_WORKERS = 64;

        public Management {
            if (!commandTimeout.isPositive()) {
                throw new IllegalArgumentException("postern.store.management.command-timeout must be more than 0");
            }
            if (maxInFlight < 1) {
                throw new IllegalArgumentException("postern.store.management.max-in-flight must be at least 1");
            }
            if (workers < 1 || workers > MAX_WORKERS) {
                throw new IllegalArgumentException(
                        "postern.store.management.workers must be from 1 to " + MAX_WORKERS);
            }
        }
    }
}
