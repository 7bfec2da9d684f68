package dev.postern.inbound;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/**
 * Limits on what a client may send and how long it may be idle, taken from Spring Boot's settings for HTTP/1.1.
 *
 * @param maxTarget   the maximum number of characters of a target
 * @param maxHeaders  the maximum number of characters of all headers
 * @param idleTimeout longest time that a connection may be without a request; null for no limit
 */
public record InboundBounds(int maxTarget, int maxHeaders, @Nullable Duration idleTimeout) {
    public static InboundBounds of(Environment environment) {
        return new InboundBounds(
                size(environment, "server.netty.max-initial-line-length"),
                size(environment, "server.max-http-request-header-size"),
                environment.getProperty("server.netty.idle-timeout", Duration.class));
    }

    private static int size(Environment environment, String setting) {
        return Math.toIntExact(environment.getRequiredProperty(setting, DataSize.class).toBytes());
    }
}
