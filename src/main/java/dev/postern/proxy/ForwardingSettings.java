package dev.postern.proxy;

import dev.postern.backend.ConnectionSettings;
import dev.postern.backend.FairSlots;
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
 * @param accountShare      largest part of a backend's connections, and of the places to wait for one, for one account
 * @param credentialShare   the same for one credential
 * @param maxStreams        most WebSockets and event streams of one backend address
 * @param connectionMaxIdle how long an idle connection is kept; to be below the backend's own
 * @param maxBodyRead       largest body in which ids are looked for
 * @param bodyReadTimeout   longest wait for such a body
 * @param uploadGrace       how long every body may take to arrive
 * @param minUploadRate     bytes a second at which it has to arrive after that; 0 for no limit
 * @param maxWebsocketMessage largest message on a WebSocket, over all its frames; a larger one closes it with 1009
 * @param trustedProxies    networks, such as {@code 10.0.0.0/8}, whose {@code X-Forwarded-*} headers are believed
 */
public record ForwardingSettings(@DefaultValue("2s") Duration connectTimeout,
        @DefaultValue("30s") Duration responseTimeout, @DefaultValue("10m") Duration idleTimeout,
        @DefaultValue("512") int maxConnections, @DefaultValue("1024") int maxPending,
        @DefaultValue("2s") Duration pendingTimeout, @DefaultValue("0.9") double accountShare,
        @DefaultValue("0.8") double credentialShare, @DefaultValue("1024") int maxStreams,
        @DefaultValue("20s") Duration connectionMaxIdle,
        @DefaultValue("64KB") DataSize maxBodyRead, @DefaultValue("10s") Duration bodyReadTimeout,
        @DefaultValue("10s") Duration uploadGrace, @DefaultValue("240B") DataSize minUploadRate,
        @DefaultValue("16MB") DataSize maxWebsocketMessage,
        @DefaultValue List<String> trustedProxies) {
    public ForwardingSettings {
        requirePositive("connect-timeout", connectTimeout);
        requirePositive("response-timeout", responseTimeout);
        requirePositive("idle-timeout", idleTimeout);
        requirePositive("pending-timeout", pendingTimeout);
        requirePositive("connection-max-idle", connectionMaxIdle);
        requirePositive("body-read-timeout", bodyReadTimeout);
        requirePositive("upload-grace", uploadGrace);
        requireShare("account-share", accountShare);
        requireShare("credential-share", credentialShare);
        if (maxConnections < 1 || maxPending < 1 || maxStreams < 1) {
            throw new IllegalArgumentException(
                    "postern.forwarding.max-connections, max-pending and max-streams must be at least 1");
        }
        if (minUploadRate.isNegative()) {
            throw new IllegalArgumentException("postern.forwarding.min-upload-rate must not be negative");
        }
        if (maxWebsocketMessage.toBytes() < 1) {
            throw new IllegalArgumentException("postern.forwarding.max-websocket-message must be at least 1B");
        }
        if (maxBodyRead.toBytes() < 1 || maxBodyRead.toBytes() > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException("postern.forwarding.max-body-read must be between 1B and 1GB");
        }
    }

    /** What goes for the connections to all backends. */
    public ConnectionSettings connections() {
        return new ConnectionSettings(connectTimeout, responseTimeout, idleTimeout, connectionMaxIdle,
                new FairSlots.Bounds(maxConnections, maxPending, pendingTimeout, accountShare, credentialShare),
                new FairSlots.Bounds(maxStreams, maxPending, pendingTimeout, accountShare, credentialShare));
    }

    UploadPace uploadPace() {
        return new UploadPace(uploadGrace, minUploadRate.toBytes());
    }

    private static void requireShare(String setting, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "postern.forwarding." + setting + " must be more than 0, and at most 1");
        }
    }

    private static void requirePositive(String setting, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException("postern.forwarding." + setting + " must be more than 0");
        }
    }
}
