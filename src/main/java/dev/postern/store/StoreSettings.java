package dev.postern.store;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How Redis is used: {@code postern.store.*}. Where it is stands in {@code spring.data.redis.*}.
 *
 * @param commandTimeout longest wait for a reply
 * @param maxInFlight    most commands that wait for one; more fail at once
 * @param connectTimeout longest wait for a connection, for its handshake, and for what a sentinel or a Cluster is asked
 * @param management     the connection of management
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
     * The connection that management, the dialects and listings use, and no decision: {@code postern.store.management.*}.
     *
     * @param commandTimeout longest wait for a reply
     * @param maxInFlight    most commands that wait for one; more fail at once
     * @param workers        threads that read and write records for it
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
