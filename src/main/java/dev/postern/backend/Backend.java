package dev.postern.backend;

import reactor.netty.http.client.HttpClient;

/**
 * One backend address, as calls find it.
 *
 * @param name    what it is called in logs and metrics: its name or address in the configuration
 * @param calls   slots for calls that end with their response
 * @param streams slots for WebSockets and event streams
 * @param clients the HTTP clients for it
 */
public record Backend(String name, FairSlots calls, FairSlots streams, BackendClients clients) {
    /** Calls the backend on a connection that may have carried other calls. */
    public HttpClient pooled() {
        return clients.pooled();
    }

    /** Calls the backend on a new connection, which is closed afterwards. */
    public HttpClient fresh() {
        return clients.fresh();
    }

}
