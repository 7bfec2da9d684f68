package dev.postern.proxy;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How calls are handed on: {@code postern.forwarding.*}.
 *
 * @param connectTimeout    longest wait for a connection to a backend
 * @param responseTimeout   longest wait for the head of a backend's reply
 * @param idleTimeout       longest silence within a body, of either side
 * @param maxConnections    most connections to one backend address
 * @param maxPending        most calls that wait for one of them; more are answered with backend_busy
 * @param pendingTimeout    longest wait for one of them
 * @param connectionMaxIdle how long an idle connection is kept; to be below the backend's own
 * @param maxBodyRead       largest body in which ids are looked for
 * @param bodyReadTimeout   longest wait for such a body
 * @param trustedProxies    networks, such as {@code 10.0.0.0/8}, whose {@code X-Forwarded-*} headers are believed
 */
public record ForwardingSettings(@DefaultValue("2s") Duration connectTimeout,
        @DefaultValue("30s") Duration responseTimeout, @DefaultValue("10m") Duration idleTimeout,
        @DefaultValue("512") int maxConnections, @DefaultValue("1024") int maxPending,
        @DefaultValue("2s") Duration pendingTimeout, @DefaultValue("20s") Duration connectionMaxIdle,
        @DefaultValue("64KB") DataSize maxBodyRead, @DefaultValue("10s") Duration bodyReadTimeout,
        @DefaultValue List<String> trustedProxies) {
    public ForwardingSettings {
        requirePositive("connect-timeout", connectTimeout);
        requirePositive("response-timeout", responseTimeout);
        requirePositive("idle-timeout", idleTimeout);
        requirePositive("pending-timeout", pendingTimeout);
        requirePositive("connection-max-idle", connectionMaxIdle);
        requirePositive("body-read-timeout", bodyReadTimeout);
        if (maxConnections < 1 || maxPending < 1) {
            throw new IllegalArgumentException("postern.forwarding.max-connections and max-pending must be at least 1");
        }
        if (maxBodyRead.toBytes() < 1 || maxBodyRead.toBytes() > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException("postern.forwarding.max-body-read must be between 1B and 1GB");
        }
    }

    private static void requirePositive(String setting, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException("postern.forwarding." + setting + " must be more than 0");
        }
    }
}
