package dev.postern.outage;

import dev.postern.support.Cable;
import dev.postern.support.Disruption;
import dev.postern.support.Disruption.Kind;
import dev.postern.support.RawHttp;
import dev.postern.support.TestGate;
import dev.postern.support.TestRedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** Three gates, each on a cable of its own to the one Redis. */
final class ThreeGates implements AutoCloseable {
    private final DisposableServer backend = HttpServer.create().host("127.0.0.1").port(0)
            .handle((_, response) -> response.sendString(Mono.just("{}"))).bindNow();
    private final TestRedisServer redis = new TestRedisServer();
    private final List<Cable> cables = new ArrayList<>();
    private final List<TestGate> gates = new ArrayList<>();

    ThreeGates(String... more) {
        for (int i = 0; i < 3; i++) {
            Cable cable = new Cable(redis.port());
            cables.add(cable);
            List<String> properties = new ArrayList<>(List.of(redis.properties(more)));
            properties.set(1, "spring.data.redis.port=" + cable.port());
            properties.add("postern.secret-keys.file=" + redis.directory() + "/secret-keys.json");
            properties.add("postern.backend=http://127.0.0.1:" + backend.port());
            gates.add(TestGate.start(properties.toArray(String[]::new)));
        }
    }

    TestGate gate(int number) {
        return gates.get(number);
    }

    int size() {
        return gates.size();
    }

    /** Begins a disruption; {@link #end} ends it. */
    void begin(Disruption disruption) {
        switch (disruption.kind()) {
            case Kind.KILLED -> {
                redis.signal("KILL");
                redis.stop();
            }
            case Kind.STANDING_STILL -> redis.signal("STOP");
            case Kind.CUT_OFF -> cables.get(disruption.gate()).cut();
            case Kind.LOG_TRIMMED -> {
                cables.get(disruption.gate()).cut();
                trimLog();
            }
        }
    }

    void end(Disruption disruption) {
        switch (disruption.kind()) {
            case Kind.KILLED -> {
                redis.start();
                redis.awaitLoaded();
            }
            case Kind.STANDING_STILL -> redis.signal("CONT");
            case Kind.CUT_OFF -> cables.get(disruption.gate()).mend();
            case Kind.LOG_TRIMMED -> {
                trimLog();
                cables.get(disruption.gate()).mend();
            }
        }
    }

    private void trimLog() {
        try (Direct direct = direct()) {
            direct.ask("XTRIM postern:{changes}:log MAXLEN 1");
        }
    }

    /** A way to Redis besides the gates. */
    Direct direct() {
        return new Direct(redis.port());
    }

    /** One command after the other, each with an answer of one line. */
    static final class Direct implements AutoCloseable {
        private final Socket socket;

        private Direct(int port) {
            try {
                socket = new Socket(InetAddress.getLoopbackAddress(), port);
                socket.setSoTimeout(20_000);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        void ask(String command) {
            try {
                socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
                RawHttp.line(socket.getInputStream());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    @Override
    public void close() {
        gates.forEach(TestGate::close);
        cables.forEach(Cable::close);
        redis.close();
        backend.disposeNow();
    }
}
