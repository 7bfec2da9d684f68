package dev.postern.backend;

import dev.postern.wire.DiscardListener;
import dev.postern.wire.ResponseGuard;
import dev.postern.wire.ResponseLimits;
import io.netty.channel.ChannelOption;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.LoopResources;

/** The HTTP client that opens WebSockets to a backend: each on a new connection, with a guard. */
final class WebSocketClient {
    private volatile HttpClient client;

    WebSocketClient(ConnectionSettings settings, ResponseLimits limits, BackendTls tls, LoopResources loops,
            DiscardListener discards) {
        HttpClient plain = ResponseGuard.guard(HttpClient.newConnection(), limits, discards)
                // On the event loop of the client's request, so that a call stays on one thread.
                .runOn(loops)
                .protocol(HttpProtocol.HTTP11)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) settings.connectTimeout().toMillis())
                // The guard has already checked the head and its size; the decoder must not be stricter.
                .httpResponseDecoder(
                        decoder -> decoder.maxInitialLineLength(limits.maxHead()).maxHeaderSize(limits.maxHead()))
                // Reactor Netty would resend any request, even if the backend may have processed it.
                .disableRetry(true)
                .compress(false);
        this.client = tls.secure(plain);
        tls.onRenewal(() -> client = tls.secure(plain));
    }

    HttpClient get() {
        return client;
    }
}
