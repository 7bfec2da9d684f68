package dev.postern.backend;

import reactor.netty.http.client.HttpClient;

/**
 * A backend address with its slots and connections.
 *
 * @param name    its name or address in the configuration, used in logs and metrics
 * @param calls   slots for calls that end with their response
 * @param streams slots for WebSockets and event streams
 * @param raw     the connections for HTTP calls
 * @param client  the client for WebSockets
 */
public record Backend(String name, FairSlots calls, FairSlots streams, RawConnections raw, WebSocketClient client) {
    /** A client that opens a new connection for each WebSocket. */
    public HttpClient webSockets() {
        return client.get();
    }
}
