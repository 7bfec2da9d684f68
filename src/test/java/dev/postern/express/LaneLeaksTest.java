package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.express.Exchange.Ask;
import dev.postern.express.Exchange.Ending;
import dev.postern.express.Exchange.Kind;
import dev.postern.express.Exchange.Reply;
import dev.postern.express.Exchange.Step;
import dev.postern.support.LeakDetection;
import dev.postern.support.LongTest;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.TestGate;
import dev.postern.support.TestRedisServer;
import dev.postern.support.Thoroughness;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * The express lane releases every buffer, however an exchange ends. The exchanges are those of {@link LanesAgreeTest}, and
 * some in which the client reads slowly or resets its connection.
 */
@NeedsTheMachine
@LongTest
class LaneLeaksTest {
    private static final int EXCHANGES = Integer.getInteger("exchanges", Thoroughness.pick(500, 2_000));
    private static final long SEED = Long.getLong("seed", 20_260_714);
    private static final int LIMIT_SECONDS = 120;
    private static final int READ_LIMIT_MILLIS = 10_000;
    /** More than the buffers of sockets and of the gate hold. */
    private static final int LARGE = 8_000_000;
    private static final int SMALL_WINDOW = 4 * 1024;

    private static final TestRedisServer REDIS = new TestRedisServer();
    private static final List<LaneBackend> BACKENDS = Stream.generate(LaneBackend::new)
            .limit(RequestMaker.APIS.size()).toList();
    private static final TestGate GATE = start();
    private static final List<String> KEYS = keys();

    private static TestGate start() {
        List<String> properties = new ArrayList<>();
        for (int api = 0; api < BACKENDS.size(); api++) {
            properties.add("postern.apis." + RequestMaker.APIS.get(api) + ".backend=" + BACKENDS.get(api).address());
        }
        return TestGate.start(REDIS.properties(properties.toArray(String[]::new)));
    }

    private static List<String> keys() {
        GATE.awaitLive();
        return ExchangeMaker.newKeys(GATE);
    }

    @AfterAll
    static void stop() throws IOException {
        GATE.close();
        REDIS.close();
        for (LaneBackend backend : BACKENDS) {
            backend.close();
        }
    }

    /** What a client does with an exchange. */
    private interface Player {
        void play(Exchange exchange, LaneBackend backend) throws Exception;
    }

    @Test
    void nothingLeaks() throws Exception {
        try (LeakDetection leaks = new LeakDetection()) {
            playAll(SEED, (exchange, backend) -> new LaneClient(GATE.port(), backend).play(exchange));
            playAll(SEED + EXCHANGES, LaneLeaksTest::playAndReset);
            for (LaneBackend backend : BACKENDS) {
                assertThat(backend.complaints()).isEmpty();
            }
            if (TestGate.usesExpressLane()) {
                assertThat(ExchangeMaker.shareOnLane(GATE)).as("share of calls on the lane").isGreaterThan(0.4);
            }
            leaks.assertNothingLeakedBut(LaneLeaksTest::isUpgradeInQueueOfServer);
        }
    }

    @Test
    void nothingLeaksIfClientsReadSlowly() throws Exception {
        try (LeakDetection leaks = new LeakDetection()) {
            for (Ending ending : Ending.values()) {
                for (int read : new int[]{0, SMALL_WINDOW, LARGE / 2, Integer.MAX_VALUE}) {
                    readSlowly("s-" + ending + "-" + read, ending, read);
                }
            }
            leaks.assertNothingLeaked();
        }
    }

    /**
     * On the chain, Reactor Netty's queue of pipelined requests does not release what is left in it when the connection
     * ends. Only requests with {@code Upgrade} have a buffer there, and it is empty: the limit of its size is 0.
     */
    private static boolean isUpgradeInQueueOfServer(String report) {
        return report.contains("HttpServerUpgradeHandler.decode")
                && report.indexOf("Hint: 'reactor.left.httpTrafficHandler'") == report.indexOf("Hint: ");
    }

    private static void playAll(long seed, Player player) throws Exception {
        try (ExecutorService workers = Executors.newFixedThreadPool(BACKENDS.size())) {
            List<Future<?>> running = new ArrayList<>();
            for (int api = 0; api < BACKENDS.size(); api++) {
                int mine = api;
                running.add(workers.submit(() -> {
                    for (int i = mine; i < EXCHANGES; i += BACKENDS.size()) {
                        player.play(ExchangeMaker.make(seed + i, mine, KEYS), BACKENDS.get(mine));
                    }
                    return null;
                }));
            }
            for (Future<?> worker : running) {
                worker.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    /** Sends the first step, or a part of it, reads a part of what comes, and resets the connection. */
    private static void playAndReset(Exchange exchange, LaneBackend backend) throws Exception {
        Step step = exchange.steps().getFirst();
        byte[] bytes = step.bytes();
        Random random = new Random(bytes.length);
        int count = random.nextBoolean() ? bytes.length : random.nextInt(bytes.length);
        step.asks().forEach(ask -> backend.expect(ask.id(), ask.reply()));
        try (Socket socket = connect()) {
            socket.getOutputStream().write(bytes, 0, count);
            boolean whole = count == bytes.length && step.asks().getLast().kind() == Kind.WHOLE;
            if (whole && random.nextInt(3) > 0) {
                var _ = socket.getInputStream().read(new byte[1 + random.nextInt(SMALL_WINDOW)]);
            }
            socket.setSoLinger(true, 0);
        } catch (SocketException _) {
            // The gate has closed the connection first.
        }
        for (Ask ask : step.asks()) {
            backend.take(ask.id());
        }
    }

    /**
     * Pipelines two calls with large responses, of which the client reads the beginning only.
     *
     * @param ending what the backend does after each response
     * @param count  bytes after which the client resets the connection
     */
    private static void readSlowly(String id, Ending ending, int count) throws Exception {
        LaneBackend backend = BACKENDS.getFirst();
        byte[] response = ("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n" + "x".repeat(LARGE))
                .getBytes(StandardCharsets.US_ASCII);
        for (int call = 0; call < 2; call++) {
            backend.expect(id + call, new Reply(false, List.of(response), ending, true));
        }
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(SMALL_WINDOW);
            socket.setSoTimeout(READ_LIMIT_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), GATE.port()));
            StringBuilder requests = new StringBuilder();
            for (int call = 0; call < 2; call++) {
                requests.append("GET /devices/lamp HTTP/1.1\r\nHost: gate.test\r\nX-Exchange: ").append(id).append(call)
                        .append("\r\napi-key: ").append(KEYS.getFirst()).append("\r\n\r\n");
            }
            socket.getOutputStream().write(requests.toString().getBytes(StandardCharsets.US_ASCII));
            long read = skip(socket.getInputStream(), Math.min(count, 2L * LARGE));
            assertThat(read).as("bytes of the responses, " + ending).isGreaterThanOrEqualTo(
                    ending == Ending.KEPT ? Math.min(count, 2L * LARGE) : 0);
            socket.setSoLinger(true, 0);
        } catch (SocketException _) {
            // The backend has reset its connection, and the gate that of the client.
        }
        for (int call = 0; call < 2; call++) {
            backend.take(id + call);
        }
    }

    /** @return how many bytes were read */
    private static long skip(InputStream in, long count) throws IOException {
        byte[] part = new byte[SMALL_WINDOW];
        long left = count;
        while (left > 0) {
            int read = in.read(part, 0, (int) Math.min(left, part.length));
            if (read < 0) {
                break;
            }
            left -= read;
        }
        return count - left;
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port());
        socket.setSoTimeout(READ_LIMIT_MILLIS);
        return socket;
    }
}
