package dev.postern.backend;

import reactor.netty.http.client.HttpClient;

/**
 * A backend address with its slots and HTTP clients.
 *
 * @param name    its name or address in the configuration, used in logs and metrics
 * @param calls   slots for calls that end with their response
 * @param streams slots for WebSockets and event streams
 * @param clients the HTTP clients for it
 * @param raw     the connections for callers that write their requests as bytes
 */
public record Backend(String name, FairSlots calls, FairSlots streams, BackendClients clients, RawConnections raw) {
    /** A client that reuses pooled connections. */
    public HttpClient pooled() {
        return clients.pooled();
    }

    /** A client that opens a new connection for each call and closes it afterwards. */
    public HttpClient fresh() {
        return clients.fresh();
    }

}
