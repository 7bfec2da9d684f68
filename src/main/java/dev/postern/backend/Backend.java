package dev.postern.backend;

import java.time.Duration;
import reactor.netty.http.client.HttpClient;

/**
 * A backend address with its slots and connections.
 *
 * @param origin  what it was made of
 * @param calls   slots for calls that end with their response
 * @param streams slots for WebSockets and event streams
 * @param raw     the connections for HTTP calls
 * @param client  the client for WebSockets
 */
public record Backend(Origin origin, FairSlots calls, FairSlots streams, RawConnections raw, WebSocketClient client) {
    /**
     * What a backend is made of. If a reload does not change it, the backend stays, with its connections.
     *
     * @param name       its name or address in the configuration, used in logs and metrics
     * @param address    {@code http(s)://host:port}, in lower case
     * @param own        its own settings
     * @param connection the settings of all backends
     */
    record Origin(String name, String address, BackendSettings own, ConnectionSettings connection) {}

    /** Its name or address in the configuration, used in logs and metrics. */
    public String name() {
        return origin.name();
    }

    /** How long to wait for the head of a response. */
    public Duration responseTimeout() {
        return origin.connection().responseTimeout();
    }

    /** A client that opens a new connection for each WebSocket. */
    public HttpClient webSockets() {
        return client.get();
    }

    /** Whether nothing uses it, and no connection is open. */
    boolean isUnused() {
        return calls.held() == 0 && calls.waiting() == 0 && streams.held() == 0 && raw.openConnections() == 0;
    }
}
