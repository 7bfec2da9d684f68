package dev.postern.backend;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How one backend is reached: {@code postern.backends.<name>.*}.
 *
 * @param address          {@code http(s)://host[:port]}; applies to every API and route with this backend
 * @param sslBundle        name of a bundle of {@code spring.ssl.bundle}: the CAs that are trusted, and the client certificate
 * @param serverName       name that the backend's certificate is for, when it is not the host of the address; sent as SNI
 * @param connectionMaxLife how long a connection is used at most, so that a change of DNS is seen; without a limit when left out
 * @param reuseConnections whether a connection carries more than one call
 * @param maxConnections   most calls at a time; {@code postern.forwarding.max-connections} when left out
 * @param maxStreams       most WebSockets and event streams at a time; {@code postern.forwarding.max-streams} when left out
 */
public record BackendSettings(String address, @Nullable String sslBundle, @Nullable String serverName,
        @Nullable Duration connectionMaxLife, @DefaultValue("true") boolean reuseConnections,
        @Nullable Integer maxConnections, @Nullable Integer maxStreams) {
    /** @throws IllegalArgumentException if one is out of its range, naming it */
    void requireSensible(String where) {
        if (connectionMaxLife != null && !connectionMaxLife.isPositive()) {
            throw new IllegalArgumentException(where + ".connection-max-life must be more than 0");
        }
        requireAtLeastOne(where + ".max-connections", maxConnections);
        requireAtLeastOne(where + ".max-streams", maxStreams);
    }

    private static void requireAtLeastOne(String setting, @Nullable Integer value) {
        if (value != null && value < 1) {
            throw new IllegalArgumentException(setting + " must be at least 1");
        }
    }
}
