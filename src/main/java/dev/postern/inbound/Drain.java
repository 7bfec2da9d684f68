package dev.postern.inbound;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.env.Environment;
import reactor.netty.DisposableServer;

/**
 * Closes the client connections when the gate stops, before Spring Boot's own graceful shutdown. This class accepts no
 * new connections, closes idle ones, adds {@code Connection: close} to the last response on each of the others, and
 * sends GOAWAY to HTTP/2 clients at once. Requests that were read are answered if there is enough time; Boot's
 * shutdown waits only for the current request of each connection.
 */
public final class Drain implements SmartLifecycle {
    /** Before Boot's graceful shutdown of the web server, whose phase is 1024 below the default. */
    private static final int BEFORE_THE_SERVER = SmartLifecycle.DEFAULT_PHASE - 1000;

    private static final Duration DEFAULT_PHASE_TIMEOUT = Duration.ofSeconds(30);

    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Duration limit;
    private volatile @Nullable DisposableServer server;
    private volatile boolean announced;
    private volatile boolean draining;
    private volatile boolean running;

    private Drain(Duration limit) {
        this.limit = limit;
    }

    /** Running calls get almost the whole time of Spring's shutdown phase; without graceful shutdown they get none. */
    public static Drain of(Environment environment) {
        boolean graceful = environment.getProperty("server.shutdown", Shutdown.class,
                Shutdown.GRACEFUL) == Shutdown.GRACEFUL;
        Duration phase = environment.getProperty("spring.lifecycle.timeout-per-shutdown-phase", Duration.class,
                DEFAULT_PHASE_TIMEOUT);
        return new Drain(graceful ? phase.multipliedBy(9).dividedBy(10) : Duration.ZERO);
    }

    void bound(DisposableServer bound) {
        server = bound;
    }

    void add(Channel connection) {
        connections.add(connection);
        if (announced) {
            announce(connection);
        }
        if (draining) {
            end(connection);
        }
    }

    /** From now on, each HTTP/1.1 answer closes its connection. Idle connections stay open until the gate stops. */
    void announce() {
        announced = true;
        connections.forEach(Drain::announce);
    }

    private static void announce(Channel connection) {
        connection.eventLoop().execute(() -> {
            CloseAfterLastAnswer last = connection.pipeline().get(CloseAfterLastAnswer.class);
            if (last != null) {
                last.announce();
            }
        });
    }

    boolean isAnnounced() {
        return announced;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    public void stop(Runnable whenDone) {
        running = false;
        draining = true;
        DisposableServer listening = server;
        if (listening != null) {
            listening.dispose();
        }
        AtomicBoolean done = new AtomicBoolean();
        Runnable once = () -> {
            if (done.compareAndSet(false, true)) {
                whenDone.run();
            }
        };
        connections.forEach(Drain::end);
        connections.newCloseFuture().addListener(_ -> once.run());
        GlobalEventExecutor.INSTANCE.schedule(() -> {
            connections.forEach(Drain::cut);
            once.run();
        }, limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private static void end(Channel connection) {
        connection.eventLoop().execute(() -> {
            ChannelHandlerContext http1 = connection.pipeline().context(CloseAfterLastAnswer.class);
            if (http1 != null && http1.handler() instanceof CloseAfterLastAnswer last) {
                last.drain(http1);
            } else {
                // HTTP/2 sends GOAWAY first, and closes when its streams have ended.
                connection.close();
            }
        });
    }

    private static void cut(Channel connection) {
        connection.eventLoop().execute(() -> connection.unsafe().close(connection.unsafe().voidPromise()));
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return BEFORE_THE_SERVER;
    }
}
