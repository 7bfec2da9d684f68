package dev.postern.call;

import dev.postern.backend.ConnectionSettings;
import dev.postern.backend.FairSlots;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How calls are forwarded: {@code postern.forwarding.*}.
 *
 * @param connectTimeout How long to wait for a connection to a backend, for each address of its host.
 * @param responseTimeout How long to wait for the complete head of a backend's response, counted from the end of the
 *     request. The backend's answer to a WebSocket handshake has the same limit.
 * @param idleTimeout How long a body may pause, in either direction, and how long both sides of a WebSocket may be
 *     silent.
 * @param maxConnections How many calls to one backend address may run at the same time.
 * @param maxPending How many calls may wait for a free connection, shared between accounts like the connections.
 *     Further calls are refused with {@code backend_busy}.
 * @param pendingTimeout How long a call may wait for a free connection.
 * @param accountShare The largest part of the connections that one account may use. The part shrinks as other accounts
 *     use some: two busy accounts get 47 % each. {@code 1} disables the limit.
 * @param credentialShare The largest part of the connections that one credential may use. The part shrinks in the same
 *     way as {@code account-share}.
 * @param maxStreams How many WebSockets and event streams one backend address may have, in addition to {@code
 *     max-connections}.
 * @param longResponse How long a response without {@code Content-Length} may last before it is treated as a stream:
 *     its call is then decided again every second, and the connection closed if it is denied. Event streams are treated
 *     so from the beginning.
 * @param connectionMaxIdle How long an idle connection is kept. Set it shorter than the idle timeout of the backend.
 * @param maxBodyRead The largest body that is searched for IDs; at most 1 GB.
 * @param bodyReadTimeout How long to wait for a body that is searched for IDs.
 * @param uploadGrace How long any request body may take before {@code min-upload-rate} applies.
 * @param minUploadRate How many bytes a second a body must deliver after {@code upload-grace}. Slower uploads get 408.
 *     Time in which the backend accepts nothing is not counted. {@code 0B} disables the limit.
 * @param maxWebsocketMessage The largest message on a WebSocket, over all its frames. A larger one closes the WebSocket
 *     with 1009.
 * @param trustedProxies Networks, such as {@code 10.0.0.0/8}, whose {@code X-Forwarded-*} and {@code Forwarded} headers
 *     are trusted.
 */
public record ForwardingSettings(@DefaultValue("2s") Duration connectTimeout,
        @DefaultValue("30s") Duration responseTimeout, @DefaultValue("10m") Duration idleTimeout,
        @DefaultValue("512") int maxConnections, @DefaultValue("1024") int maxPending,
        @DefaultValue("2s") Duration pendingTimeout, @DefaultValue("0.9") double accountShare,
        @DefaultValue("0.8") double credentialShare, @DefaultValue("1024") int maxStreams,
        @DefaultValue("1m") Duration longResponse, @DefaultValue("20s") Duration connectionMaxIdle,
        @DefaultValue("64KB") DataSize maxBodyRead, @DefaultValue("10s") Duration bodyReadTimeout,
        @DefaultValue("10s") Duration uploadGrace, @DefaultValue("240B") DataSize minUploadRate,
        @DefaultValue("16MB") DataSize maxWebsocketMessage,
        @DefaultValue List<String> trustedProxies) {
    public ForwardingSettings {
        requirePositive("connect-timeout", connectTimeout);
        requirePositive("response-timeout", responseTimeout);
        requirePositive("idle-timeout", idleTimeout);
        requirePositive("pending-timeout", pendingTimeout);
        requirePositive("long-response", longResponse);
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

    /** The settings for the connections to all backends. */
    public ConnectionSettings connections() {
        return new ConnectionSettings(connectTimeout, responseTimeout, idleTimeout, connectionMaxIdle,
                new FairSlots.Bounds(maxConnections, maxPending, pendingTimeout, accountShare, credentialShare),
                new FairSlots.Bounds(maxStreams, maxPending, pendingTimeout, accountShare, credentialShare));
    }

    public UploadPace uploadPace() {
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
