package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawWebSocket;
import dev.postern.support.RawWebSocket.Frame;
import dev.postern.support.RawWebSocket.Message;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.TestGate;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames pass through the gate one by one and unchanged, in both directions, up to the last one. */
@OwnsItsGate
class WebSocketRelayTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int MEBIBYTE = 1 << 20;
    /** Far above what buffers of sockets and of the gate hold. */
    private static final long IN_FLIGHT_LIMIT = 64L * MEBIBYTE;
    private static final ScriptedBackend BACKEND = new ScriptedBackend();
    private static final TestGate GATE = TestGate.start("postern.apis.socket.backend=" + BACKEND.address(),
            "postern.apis.socket.operations[0].call=GET /socket/{device}",
            "postern.forwarding.idle-timeout=3s", "server.netty.idle-timeout=1s",
            "postern.forwarding.max-websocket-message=2MB");
    private static final String CREDENTIAL = "api-key: " + GATE.newCustomer().masterKey();

    @AfterEach
    void leaveNothingOpen() {
        await().atMost(LIMIT).until(() -> open() == 0);
    }

    @AfterAll
    static void close() {
        GATE.close();
        BACKEND.close();
    }

    private static double open() {
        return GATE.context().getBean(MeterRegistry.class).get("postern.streams.open").gauge().value();
    }

    /** Both ends of a WebSocket through the gate. The backend's script is over when its end is closed. */
    private record Pair(RawWebSocket client, RawWebSocket backend, CountDownLatch over) implements AutoCloseable {
        static Pair open() throws Exception {
            CompletableFuture<RawWebSocket> accepted = new CompletableFuture<>();
            CountDownLatch over = new CountDownLatch(1);
            BACKEND.play(stage -> {
                accepted.complete(stage.upgrade());
                over.await(60, TimeUnit.SECONDS);
            });
            RawWebSocket client = RawWebSocket.open(GATE.port(), "/socket/lamp", CREDENTIAL);
            return new Pair(client, accepted.get(20, TimeUnit.SECONDS), over);
        }

        RawWebSocket end(String side) {
            return side.equals("client") ? client : backend;
        }

        RawWebSocket other(String side) {
            return side.equals("client") ? backend : client;
        }

        @Override
        public void close() {
            client.close();
            backend.close();
            over.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "backend"})
    void passesEveryKindOfFrameAsItIs(String sender) throws Exception {
        try (Pair pair = Pair.open()) {
            RawWebSocket from = pair.end(sender);
            from.text("one");
            from.send(false, RawWebSocket.BINARY, new byte[]{1, 2});
            from.send(true, RawWebSocket.PING, new byte[]{3});
            from.send(false, RawWebSocket.CONTINUATION, new byte[0]);
            from.send(true, RawWebSocket.PONG, new byte[0]);
            from.send(true, RawWebSocket.CONTINUATION, RawWebSocket.bytes(65_536));
            from.text("");

            RawWebSocket to = pair.other(sender);
            assertFrame(to.read(), sender, true, RawWebSocket.TEXT, "one".getBytes(StandardCharsets.UTF_8));
            assertFrame(to.read(), sender, false, RawWebSocket.BINARY, new byte[]{1, 2});
            assertFrame(to.read(), sender, true, RawWebSocket.PING, new byte[]{3});
            assertFrame(to.read(), sender, false, RawWebSocket.CONTINUATION, new byte[0]);
            assertFrame(to.read(), sender, true, RawWebSocket.PONG, new byte[0]);
            assertFrame(to.read(), sender, true, RawWebSocket.CONTINUATION, RawWebSocket.bytes(65_536));
            assertFrame(to.read(), sender, true, RawWebSocket.TEXT, new byte[0]);
        }
    }

    private static void assertFrame(Frame frame, String sender, boolean last, int opcode, byte[] payload) {
        assertThat(frame.last()).isEqualTo(last);
        assertThat(frame.reserved()).isZero();
        assertThat(frame.opcode()).isEqualTo(opcode);
        assertThat(frame.masked()).isEqualTo(sender.equals("client"));
        assertThat(frame.payload()).isEqualTo(payload);
    }

    @ParameterizedTest
    @CsvSource({"client, 65537", "client, 200000", "client, 1048576", "client, 2097152", "backend, 65537",
            "backend, 200000", "backend, 1048576", "backend, 2097152"})
    void passesALargeFrameInFragments(String sender, int size) throws Exception {
        try (Pair pair = Pair.open()) {
            byte[] payload = RawWebSocket.bytes(size);
            Thread writer = Thread.ofVirtual().start(() -> {
                pair.end(sender).send(true, RawWebSocket.BINARY, payload);
                pair.end(sender).text("after");
            });

            Message message = pair.other(sender).readMessage();
            assertThat(message.opcode()).isEqualTo(RawWebSocket.BINARY);
            assertThat(message.payload()).isEqualTo(payload);
            assertThat(message.frames()).isEqualTo((size + 65_535) / 65_536);
            assertThat(pair.other(sender).read().text()).isEqualTo("after");
            writer.join();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "backend"})
    void passesAMebibyteInFragmentsOfAnySize(String sender) throws Exception {
        Random random = new Random(7);
        try (Pair pair = Pair.open()) {
            byte[] payload = RawWebSocket.bytes(MEBIBYTE);
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            boolean masked = sender.equals("client");
            for (int at = 0; at < payload.length;) {
                int size = Math.min(payload.length - at, 1 + random.nextInt(200_000));
                byte[] fragment = java.util.Arrays.copyOfRange(payload, at, at + size);
                sent.writeBytes(RawWebSocket.frame((at + size == payload.length ? 0x80 : 0) | (at == 0 ? 1 : 0),
                        fragment, masked));
                at += size;
            }
            byte[] bytes = sent.toByteArray();
            Thread writer = Thread.ofVirtual().start(() -> {
                // In pieces that do not follow the limits of frames.
                for (int at = 0; at < bytes.length;) {
                    int size = Math.min(bytes.length - at, 1 + random.nextInt(50_000));
                    pair.end(sender).write(java.util.Arrays.copyOfRange(bytes, at, at + size));
                    at += size;
                }
            });

            Message message = pair.other(sender).readMessage();
            assertThat(message.opcode()).isEqualTo(RawWebSocket.TEXT);
            assertThat(message.payload()).isEqualTo(payload);
            writer.join();
        }
    }

    @Test
    void passesALargeMessageOfAnOrdinaryClient() throws Exception {
        BACKEND.play(stage -> {
            RawWebSocket backend = stage.upgrade();
            Message message = backend.readMessage();
            backend.send(true, RawWebSocket.BINARY, message.payload());
            backend.readClose();
        });
        byte[] payload = RawWebSocket.bytes(MEBIBYTE);
        CompletableFuture<byte[]> echo = new CompletableFuture<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            private final ByteArrayOutputStream received = new ByteArrayOutputStream();

            @Override
            public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
                byte[] bytes = new byte[data.remaining()];
                data.get(bytes);
                received.writeBytes(bytes);
                if (last) {
                    echo.complete(received.toByteArray());
                }
                return WebSocket.Listener.super.onBinary(socket, data, last);
            }
        };
        try (HttpClient client = HttpClient.newHttpClient()) {
            WebSocket socket = client.newWebSocketBuilder()
                    .header("api-key", CREDENTIAL.substring("api-key: ".length()))
                    .buildAsync(URI.create("ws://127.0.0.1:" + GATE.port() + "/socket/lamp"), listener)
                    .get(20, TimeUnit.SECONDS);
            socket.sendBinary(ByteBuffer.wrap(payload), true).get(20, TimeUnit.SECONDS);
            assertThat(echo.get(20, TimeUnit.SECONDS)).isEqualTo(payload);
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "backend"})
    void closesBothSidesOverAMessageAboveTheLimit(String sender) throws Exception {
        try (Pair pair = Pair.open()) {
            RawWebSocket from = pair.end(sender);
            from.send(false, RawWebSocket.BINARY, new byte[MEBIBYTE]);
            from.send(false, RawWebSocket.CONTINUATION, new byte[MEBIBYTE]);
            from.send(true, RawWebSocket.CONTINUATION, new byte[1]);

            assertThat(from.read().code()).isEqualTo(1009);
            Frame told = pair.other(sender).readClose();
            assertThat(told.code()).isEqualTo(sender.equals("client") ? 1001 : 1011);
        }
    }

    @Test
    void doesNotWaitForTheBytesOfAFrameThatIsTooLarge() throws Exception {
        try (Pair pair = Pair.open()) {
            pair.client().write(ByteBuffer.allocate(14).put((byte) 0x82).put((byte) 0xff).putLong(Long.MAX_VALUE)
                    .putInt(0).array());

            assertThat(pair.client().read().code()).isEqualTo(1009);
        }
    }

    @ParameterizedTest
    @CsvSource({"client, 1000, done", "client, 4242, mine", "backend, 1000, ''", "backend, 1013, later",
            "backend, 4999, theirs"})
    void passesACloseWithItsCodeAndReasonAndTheAnswerToIt(String sender, int code, String reason) throws Exception {
        try (Pair pair = Pair.open()) {
            pair.other(sender).text("on its way");
            pair.end(sender).close(code, reason);

            Frame close = pair.other(sender).read();
            assertThat(close.code()).isEqualTo(code);
            assertThat(close.reason()).isEqualTo(reason);

            // Data that the other side sends before its own Close still arrives.
            pair.other(sender).text("last words");
            pair.other(sender).close(4000, "answer");
            assertThat(pair.end(sender).read().text()).isEqualTo("on its way");
            assertThat(pair.end(sender).read().text()).isEqualTo("last words");
            Frame answer = pair.end(sender).read();
            assertThat(answer.code()).isEqualTo(4000);
            assertThat(answer.reason()).isEqualTo("answer");
            assertThat(pair.end(sender).readToEnd()).isEmpty();
            assertThat(pair.other(sender).readToEnd()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "backend"})
    void passesACloseWithoutACode(String sender) throws Exception {
        try (Pair pair = Pair.open()) {
            pair.end(sender).send(true, RawWebSocket.CLOSE, new byte[0]);

            assertThat(pair.other(sender).read().code()).isEqualTo(1005);
        }
    }

    @ParameterizedTest
    @CsvSource({"client, false, 1001", "client, true, 1001", "backend, false, 1011", "backend, true, 1011"})
    void tellsTheOtherSideIfOneDisconnectsWithoutAClose(String gone, boolean reset, int code) throws Exception {
        try (Pair pair = Pair.open()) {
            pair.end(gone).text("half of it");
            assertThat(pair.other(gone).read().text()).isEqualTo("half of it");
            if (reset) {
                pair.end(gone).reset();
            } else {
                pair.end(gone).close();
            }

            assertThat(pair.other(gone).readClose().code()).isEqualTo(code);
            assertThat(pair.other(gone).readToEnd()).isEmpty();
        }
    }

    @Test
    void answersAClientsCloseForABackendThatJustHangsUp() throws Exception {
        try (Pair pair = Pair.open()) {
            pair.client().close(1000, "done");
            assertThat(pair.backend().read().code()).isEqualTo(1000);
            pair.backend().close();

            assertThat(pair.client().read().code()).isEqualTo(1000);
            assertThat(pair.client().readToEnd()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "backend"})
    void closesEvenIfNobodyAnswersTheClose(String sender) throws Exception {
        try (Pair pair = Pair.open()) {
            pair.end(sender).close(1000, "");

            assertThat(pair.other(sender).read().code()).isEqualTo(1000);
            assertThat(pair.other(sender).readToEnd()).isEmpty();
            assertThat(pair.end(sender).read().code()).isEqualTo(1000);
        }
    }

    /** The sender, the first byte of its frame in hexadecimal, and what is wrong with the frame. */
    @ParameterizedTest
    @CsvSource({"client, c1, a reserved bit", "client, 83, an unknown opcode", "client, 80, a continuation of nothing",
            "client, 09, a fragmented ping", "backend, c1, a reserved bit", "backend, a1, a reserved bit",
            "backend, 8b, an unknown opcode", "backend, 80, a continuation of nothing"})
    void closesBothSidesOverAnInvalidFrame(String sender, String first, String what) throws Exception {
        try (Pair pair = Pair.open()) {
            pair.end(sender)
                    .write(RawWebSocket.frame(Integer.parseInt(first, 16), new byte[]{1}, sender.equals("client")));

            assertThat(pair.end(sender).read().code()).as(what).isEqualTo(1002);
            assertThat(pair.other(sender).readClose().code()).isEqualTo(sender.equals("client") ? 1001 : 1011);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "backend"})
    void closesBothSidesOverAFrameWithTheWrongMask(String sender) throws Exception {
        try (Pair pair = Pair.open()) {
            pair.end(sender).write(RawWebSocket.frame(0x81, new byte[]{1}, !sender.equals("client")));

            assertThat(pair.end(sender).read().code()).isEqualTo(1002);
            assertThat(pair.other(sender).readClose().code()).isEqualTo(sender.equals("client") ? 1001 : 1011);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "backend"})
    void stopsReadingFromOneSideWhileTheOtherDoesNotRead(String sender) throws Exception {
        AtomicLong written = new AtomicLong();
        try (Pair pair = Pair.open()) {
            byte[] frame = RawWebSocket.frame(0x82, new byte[60_000], sender.equals("client"));
            int frames = (int) (2 * IN_FLIGHT_LIMIT / frame.length);
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < frames; i++) {
                        pair.end(sender).write(frame);
                        written.addAndGet(frame.length);
                    }
                } catch (UncheckedIOException gone) {
                    // The test sees what was written.
                }
            });
            // Waits until the writer stands still: the count is the same twice, half a second apart.
            await().atMost(LIMIT).pollInterval(Duration.ofMillis(500)).until(new java.util.concurrent.Callable<>() {
                private long before = -1;

                @Override
                public Boolean call() {
                    long now = written.get();
                    boolean still = now > 0 && now == before;
                    before = now;
                    return still;
                }
            });
            assertThat(written.get()).isLessThan(IN_FLIGHT_LIMIT);

            for (int i = 0; i < frames; i++) {
                assertThat(pair.other(sender).read().payload()).hasSize(60_000);
            }
            writer.join();
        }
    }

    @Test
    void closesBothSidesWhenIdle() throws Exception {
        try (Pair pair = Pair.open()) {
            long start = System.nanoTime();
            BlockingQueue<Frame> told = new LinkedBlockingQueue<>();
            Thread.ofVirtual().start(() -> told.add(pair.client().readClose()));

            assertThat(pair.backend().readClose().code()).isEqualTo(1001);
            Frame client = told.poll(20, TimeUnit.SECONDS);
            assertThat(client).isNotNull();
            assertThat(client.code()).isEqualTo(1001);
            assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofMillis(2900).toNanos());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "backend"})
    void staysOpenWhileEitherSideSends(String sender) throws Exception {
        try (Pair pair = Pair.open()) {
            for (int i = 0; i < 10; i++) {
                pair.end(sender).send(true, RawWebSocket.PING, new byte[0]);
                assertThat(pair.other(sender).read().opcode()).isEqualTo(RawWebSocket.PING);
                TimeUnit.MILLISECONDS.sleep(500);
            }
            pair.other(sender).text("still here");
            assertThat(pair.end(sender).read().text()).isEqualTo("still here");
        }
    }

    @Test
    void doesNotReadEarlyFramesOfAClientAsARequest() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        BACKEND.forget();
        BACKEND.play(stage -> {
            answer.await(20, TimeUnit.SECONDS);
            stage.upgrade().readClose();
        });
        try (RawWebSocket client = RawWebSocket.connect(GATE.port(), "/socket/lamp", CREDENTIAL)) {
            client.write(("GET /socket/smuggled HTTP/1.1\r\nHost: gate.test\r\n" + CREDENTIAL + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            await().atMost(LIMIT).until(() -> !BACKEND.received().isEmpty());
            answer.countDown();
            client.readReply();
        }
        await().atMost(LIMIT).until(() -> open() == 0);
        assertThat(BACKEND.received()).hasSize(1);
    }
}
