package dev.postern.backend;

import dev.postern.wire.DiscardListener;
import dev.postern.wire.ResponseGuard;
import dev.postern.wire.ResponseLimits;
import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.Optional;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/**
 * The HTTP clients of one backend: each connection has a {@link dev.postern.wire.ResponseGuard}, and is reused only if
 * the guard allows it.
 */
final class BackendClients {
    private static final int MAX_HEAD = 32 * 1024;
    private static final Duration UNLIMITED = Duration.ofDays(10_000);

    private final ConnectionProvider pool;
    private volatile HttpClient pooled;
    private volatile HttpClient fresh;

    BackendClients(String name, ConnectionSettings settings, BackendSettings backend, int maxConnections,
            BackendTls tls, LoopResources loops, DiscardListener discards) {
        this.pool = pool(name, settings, backend, maxConnections);
        ResponseLimits limits = limits(settings);
        HttpClient plainPooled = client(
                backend.reuseConnections() ? HttpClient.create(pool) : HttpClient.newConnection(), settings, limits,
                loops, discards);
        HttpClient plainFresh = client(HttpClient.newConnection(), settings, limits, loops, discards);
        this.pooled = tls.secure(plainPooled);
        this.fresh = tls.secure(plainFresh);
        tls.onRenewal(() -> {
            pooled = tls.secure(plainPooled);
            fresh = tls.secure(plainFresh);
        });
    }

    static ResponseLimits limits(ConnectionSettings settings) {
        return new ResponseLimits(MAX_HEAD, settings.responseTimeout(), settings.idleTimeout());
    }

    /** The slots limit the number of calls before they get here, so no call ever waits for the pool. */
    private static ConnectionProvider pool(String name, ConnectionSettings settings, BackendSettings backend,
            int maxConnections) {
        Duration maxLife = Optional.ofNullable(backend.connectionMaxLife()).orElse(UNLIMITED);
        return ConnectionProvider.builder("postern-" + name)
                .maxConnections(maxConnections)
                .pendingAcquireMaxCount(maxConnections)
                .pendingAcquireTimeout(settings.calls().patience())
                // Replaces all other eviction rules, including maxIdleTime and maxLifeTime.
                .evictionPredicate((connection, metadata) -> !connection.channel().isActive()
                        || !connection.isPersistent() || !ResponseGuard.isReusable(connection.channel())
                        || metadata.idleTime() >= settings.maxIdle().toMillis()
                        || metadata.lifeTime() >= maxLife.toMillis())
                .evictInBackground(settings.maxIdle())
                .metrics(true)
                .build();
    }

    private static HttpClient client(HttpClient client, ConnectionSettings settings, ResponseLimits limits,
            LoopResources loops, DiscardListener discards) {
        return ResponseGuard.guard(client, limits, discards)
                // On the event loop of the client's request, so that a call stays on one thread.
                .runOn(loops)
                .protocol(HttpProtocol.HTTP11)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) settings.connectTimeout().toMillis())
                // The guard has already checked the head and its size; the decoder must not be stricter.
                .httpResponseDecoder(decoder -> decoder.maxInitialLineLength(MAX_HEAD).maxHeaderSize(MAX_HEAD))
                // Reactor Netty would resend any request, even if the backend may have processed it.
                .disableRetry(true)
                .compress(false);
    }

    HttpClient pooled() {
        return pooled;
    }

    HttpClient fresh() {
        return fresh;
    }

    void close() {
        pool.dispose();
    }
}
