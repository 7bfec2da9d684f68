package dev.postern.store;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How Redis is used: {@code postern.store.*}. Where it is stands in {@code spring.data.redis.*}.
 *
 * @param commandTimeout longest wait for a reply
 * @param maxInFlight    most commands that wait for one; more fail at once
 * @param connectTimeout longest wait for a connection, for its handshake, and for what a sentinel or a Cluster is asked
 */
public record StoreSettings(@DefaultValue("100ms") Duration commandTimeout, @DefaultValue("4096") int maxInFlight,
        @DefaultValue("1s") Duration connectTimeout) {
    public StoreSettings {
        if (!commandTimeout.isPositive() || !connectTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "postern.store.command-timeout and connect-timeout must be more than 0");
        }
        if (maxInFlight < 1) {
            throw new IllegalArgumentException("postern.store.max-in-flight must be at least 1");
        }
    }
}
