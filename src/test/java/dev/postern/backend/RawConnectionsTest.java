package dev.postern.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.wire.ResponseLimits;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import reactor.netty.resources.LoopResources;

/** Connections to a backend are opened at any of its addresses, and never suffer from what happened to others. */
class RawConnectionsTest {
    private final LoopResources loops = LoopResources.create("raw-connections", 1, true);

    /** Gives a host these addresses. */
    private static AddressResolverGroup<InetSocketAddress> addresses(String... addresses) {
        return new AddressResolverGroup<>() {
            @Override
            protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
                return new InetNameResolver(executor) {
                    @Override
                    protected void doResolve(String host, Promise<InetAddress> promise) {
                        promise.setSuccess(literal(addresses[0]));
                    }

                    @Override
                    protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
                        promise.setSuccess(Arrays.stream(addresses).map(RawConnectionsTest::literal).toList());
                    }
                }.asAddressResolver();
            }
        };
    }

    private static InetAddress literal(String address) {
        try {
            return InetAddress.getAllByName(address)[0];
        } catch (UnknownHostException notALiteral) {
            throw new IllegalArgumentException(notALiteral);
        }
    }

    private RawConnections to(int port, String... addresses) {
        FairSlots.Bounds bounds = new FairSlots.Bounds(8, 8, Duration.ofSeconds(1), 1, 1);
        ConnectionSettings settings = new ConnectionSettings(Duration.ofSeconds(5), Duration.ofSeconds(5),
                Duration.ofSeconds(5), Duration.ofSeconds(5), bounds, bounds);
        BackendSettings backend = new BackendSettings("http://plant.test:" + port, null, null, null, true, null, null);
        return new RawConnections(URI.create(backend.address()), settings, backend, 8,
                new ResponseLimits(1024, Duration.ofSeconds(5), Duration.ofSeconds(5)),
                BackendTls.of("the backend", backend, new BundleRenewals(new DefaultSslBundleRegistry())), loops,
                addresses(addresses),
                (_, _) -> {});
    }

    private RawConnection connect(RawConnections connections) throws Exception {
        EventLoop loop = loops.onClient(true).next();
        return connections.connect(loop).get(30, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() {
        loops.dispose();
    }

    @Test
    void triesEachAddressOfTheHost() throws Exception {
        try (ServerSocket backend = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            RawConnections connections = to(backend.getLocalPort(), "127.0.0.2", "127.0.0.3", "127.0.0.1");

            RawConnection opened = connect(connections);

            assertThat(opened.channel().remoteAddress()).isEqualTo(backend.getLocalSocketAddress());
            assertThat(connections.openConnections()).isEqualTo(1);
            opened.close();
        }
    }

    /**
     * A call finds an idle connection broken and opens a new one, while the event loop has still to deal with the end of
     * the old one. The new connection usually gets the file descriptor of the old one.
     */
    @Test
    void opensAConnectionWhileAnEventOfAClosedOneIsWaiting() throws Exception {
        try (ServerSocket backend = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            RawConnections connections = to(backend.getLocalPort(), "127.0.0.1");
            RawConnection busy = connect(connections);
            Socket peerOfBusy = backend.accept();
            RawConnection idle = connect(connections);
            Socket peerOfIdle = backend.accept();
            CompletableFuture<RawConnection> opened = new CompletableFuture<>();
            busy.channel().pipeline().addFirst(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                    ReferenceCountUtil.release(message);
                    idle.close();
                    connections.connect(context.channel().eventLoop()).addListener((Future<RawConnection> future) -> {
                        if (future.isSuccess()) {
                            opened.complete(future.getNow());
                        } else {
                            opened.completeExceptionally(future.cause());
                        }
                    });
                }
            });
            CountDownLatch holding = new CountDownLatch(1);
            AtomicBoolean both = new AtomicBoolean();
            // A task of the event loop, so the handler is in place when it runs. It must not block, so it spins.
            busy.channel().eventLoop().execute(() -> {
                holding.countDown();
                while (!both.get()) {
                    // Both events arrive meanwhile.
                }
            });
            holding.await();
            peerOfBusy.getOutputStream().write('x');
            peerOfIdle.setSoLinger(true, 0);
            peerOfIdle.close();
            both.set(true);

            assertThat(opened.get(30, TimeUnit.SECONDS).channel().isActive()).isTrue();
            peerOfBusy.close();
        }
    }

    @Test
    void failsIfNoAddressAnswers() throws IOException {
        try (ServerSocket backend = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            RawConnections connections = to(backend.getLocalPort(), "127.0.0.2", "127.0.0.3");

            assertThatThrownBy(() -> connect(connections)).isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(ConnectException.class);
        }
    }
}
