package dev.postern.backend;

import dev.postern.wire.DiscardListener;
import dev.postern.wire.ResponseDecoder;
import dev.postern.wire.ResponseLimits;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;

/**
 * The connections to one backend for callers that write requests as bytes. Each event loop keeps its own idle
 * ones, so that a call stays on its loop. Callers limit how many calls and streams run at once. A freed
 * connection is closed if more are open than the sum of those limits.
 */
public final class RawConnections {
    private final String host;
    private final int port;
    private final boolean secure;
    private final ConnectionSettings settings;
    private final int maxKept;
    private final ResponseLimits limits;
    private final BackendTls tls;
    private final LoopResources loops;
    private final AddressResolverGroup<InetSocketAddress> resolver;
    private final DiscardListener discards;
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final AtomicInteger openCount = new AtomicInteger();
    private final IdleConnections idle;

    RawConnections(URI address, ConnectionSettings settings, BackendSettings backend, int maxKept,
            ResponseLimits limits, BackendTls tls, LoopResources loops,
            AddressResolverGroup<InetSocketAddress> resolver, DiscardListener discards) {
        this.secure = address.getScheme().equals("https") || address.getScheme().equals("wss");
        this.host = address.getHost();
        this.port = address.getPort() >= 0 ? address.getPort() : secure ? 443 : 80;
        this.settings = settings;
        this.maxKept = maxKept;
        this.limits = limits;
        this.tls = tls;
        this.loops = loops;
        this.resolver = resolver;
        this.discards = discards;
        this.idle = new IdleConnections(settings, backend, tls);
    }

    /** Whether connections use TLS. */
    public boolean isSecure() {
        return secure;
    }

    /** Takes an idle, possibly usable connection of the current event loop; null if there is none. */
    public @Nullable RawConnection takeIdle() {
        return idle.take();
    }

    void release(RawConnection connection) {
        if (openCount.get() > maxKept) {
            connection.close();
        } else {
            idle.keepOrClose(connection);
        }
    }

    /** Opens a connection on this event loop. */
    public Future<RawConnection> connect(EventLoop loop) {
        return connect(loop, settings.connectTimeout());
    }

    /** @param timeout for the TCP handshake with each of the host's addresses */
    public Future<RawConnection> connect(EventLoop loop, Duration timeout) {
        Promise<RawConnection> promise = loop.newPromise();
        resolver.getResolver(loop).resolveAll(InetSocketAddress.createUnresolved(host, port))
                .addListener((Future<List<InetSocketAddress>> found) -> {
                    if (found.isSuccess() && !found.getNow().isEmpty()) {
                        later(loop, promise, () -> connect(loop, timeout, found.getNow().iterator(), promise));
                    } else {
                        promise.tryFailure(found.isSuccess() ? new UnknownHostException(host) : found.cause());
                    }
                });
        return promise;
    }

    /** Never at once: pending epoll events may belong to a closed connection whose descriptor the new one gets. */
    private static void later(EventLoop loop, Promise<?> promise, Runnable connect) {
        try {
            loop.execute(connect);
        } catch (RejectedExecutionException stopping) {
            promise.tryFailure(new IOException("the gate is stopping", stopping));
        }
    }

    /** Tries the addresses of the host in turn. */
    private void connect(EventLoop loop, Duration timeout, Iterator<InetSocketAddress> addresses,
            Promise<RawConnection> promise) {
        int generation = tls.generation();
        new Bootstrap().group(loop)
                .channelFactory(() -> loops.onChannel(SocketChannel.class, loop))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) throws SSLException {
                        prepare(channel);
                    }
                })
                .connect(addresses.next())
                .addListener((ChannelFuture connected) -> {
                    if (connected.isSuccess()) {
                        opened(connected.channel(), promise, generation);
                    } else if (addresses.hasNext()) {
                        later(loop, promise, () -> connect(loop, timeout, addresses, promise));
                    } else {
                        promise.tryFailure(connected.cause());
                    }
                });
    }

    private void prepare(Channel channel) throws SSLException {
        openCount.incrementAndGet();
        open.add(channel);
        channel.closeFuture().addListener(_ -> openCount.decrementAndGet());
        if (secure) {
            channel.pipeline().addLast(tls.handler(channel.alloc(), host, port));
        }
        ResponseDecoder.install(channel.pipeline(), secure, limits, discards);
    }

    private void opened(Channel channel, Promise<RawConnection> promise, int generation) {
        SslHandler ssl = channel.pipeline().get(SslHandler.class);
        if (ssl == null) {
            if (secure) {
                promise.tryFailure(new SSLException("the connection was closed before the handshake"));
            } else {
                succeed(promise, channel, generation);
            }
            return;
        }
        ssl.handshakeFuture().addListener(shaken -> {
            if (shaken.isSuccess()) {
                succeed(promise, channel, generation);
            } else {
                promise.tryFailure(shaken.cause() instanceof SSLException refused
                        ? refused
                        : new SSLException("the connection was closed during the handshake", shaken.cause()));
                var _ = channel.close();
            }
        });
    }

    private void succeed(Promise<RawConnection> promise, Channel channel, int generation) {
        ResponseDecoder decoder = channel.pipeline().get(ResponseDecoder.class);
        if (decoder == null) {
            promise.tryFailure(new ClosedChannelException());
        } else if (!promise.trySuccess(new RawConnection(this, channel, decoder, generation))) {
            var _ = channel.close();
        }
    }

    /**
     * Keeps no idle connection from now on. Those that are idle are closed when their event loop next looks for old
     * ones, within {@code postern.forwarding.connection-max-idle}. Calls go on.
     */
    void retire() {
        idle.retire();
    }

    int openConnections() {
        return openCount.get();
    }

    void close() {
        // An event loop that ends closes its connections itself, and cannot report about others any more.
        var _ = open.close(channel -> !channel.eventLoop().isShuttingDown());
    }
}
