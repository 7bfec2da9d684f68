package dev.postern.backend;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How one backend is reached: {@code postern.backends.<name>.*}.
 *
 * @param address Required. The address, such as {@code https://plant.internal:8443}. The settings apply to every API
 *     and route with this address.
 * @param sslBundle The name of a {@code spring.ssl.bundle} with the trusted CAs and the client certificate. When
 *     Spring reloads the bundle, new connections use it, without a restart. The default is the JDK's CAs.
 * @param serverName The name in the backend's certificate, if it is not the host of the address. It is also sent as
 *     SNI.
 * @param connectionMaxLife How long a connection may live, so that DNS changes are noticed. There is no limit if it
 *     is not set.
 * @param reuseConnections Whether a connection carries more than one call. Set it to {@code false} for a backend that
 *     may send bytes after the end of its response.
 * @param maxConnections The same as {@code postern.forwarding.max-connections}, for this backend.
 * @param maxStreams The same as {@code postern.forwarding.max-streams}, for this backend.
 */
@ConfigurationPropertiesSource
public record BackendSettings(String address, @Nullable String sslBundle, @Nullable String serverName,
        @Nullable Duration connectionMaxLife, @DefaultValue("true") boolean reuseConnections,
        @Nullable Integer maxConnections, @Nullable Integer maxStreams) {
    /** @throws IllegalArgumentException if a setting is out of range; the message names it */
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
