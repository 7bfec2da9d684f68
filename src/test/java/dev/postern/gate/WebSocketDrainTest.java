package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RawWebSocket;
import dev.postern.support.RawWebSocket.Frame;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.TestGate;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A gate that stops says so on its WebSockets at once, and does not wait for them for long. */
@OwnsItsGate
class WebSocketDrainTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int OPEN = 5;

    private static TestGate gate(ScriptedBackend backend) {
        return TestGate.start("postern.apis.socket.backend=" + backend.address(),
                "postern.apis.socket.operations[0].call=GET /socket/{device}");
    }

    @Test
    void closesBothSidesAtTheStartOfTheShutdownAndRefusesNewOnes() throws Exception {
        BlockingQueue<Frame> toldToBackends = new LinkedBlockingQueue<>();
        CountDownLatch slowIsAsked = new CountDownLatch(1);
        CountDownLatch slowMayAnswer = new CountDownLatch(1);
        try (ScriptedBackend backend = new ScriptedBackend(); TestGate gate = gate(backend)) {
            String credential = "api-key: " + gate.newCustomer().masterKey();
            backend.play(stage -> {
                switch (stage.request().target()) {
                    case "/socket/slow" -> {
                        slowIsAsked.countDown();
                        slowMayAnswer.await(20, TimeUnit.SECONDS);
                        stage.upgrade().readToEnd();
                    }
                    // An ordinary call that is under way holds up the shutdown, but not the end of the WebSockets.
                    case "/socket/call" -> {
                        slowMayAnswer.await(20, TimeUnit.SECONDS);
                        stage.head(200, "Content-Length: 0");
                    }
                    default -> toldToBackends.add(stage.upgrade().readClose());
                }
            });
            List<RawWebSocket> clients = new ArrayList<>();
            for (int i = 0; i < OPEN; i++) {
                RawWebSocket client = RawWebSocket.open(gate.port(), "/socket/lamp", credential);
                clients.add(client);
            }
            RawWebSocket slow = RawWebSocket.connect(gate.port(), "/socket/slow", credential);
            BlockingQueue<Reply> called = new LinkedBlockingQueue<>();
            Thread.ofVirtual()
                    .start(() -> called.add(RawHttp.call(gate.port(), "GET", "/socket/call", "", credential)));
            assertThat(slowIsAsked.await(20, TimeUnit.SECONDS)).isTrue();
            await().atMost(LIMIT).until(() -> backend.received().size() == OPEN + 2);

            Thread closing = Thread.ofPlatform().start(gate::close);
            for (RawWebSocket client : clients) {
                Frame told = client.readClose();
                assertThat(told.code()).isEqualTo(1001);
                assertThat(told.reason()).isEqualTo("gate_stopping");
                assertThat(client.readToEnd()).isEmpty();
            }
            for (int i = 0; i < OPEN; i++) {
                Frame told = toldToBackends.poll(20, TimeUnit.SECONDS);
                assertThat(told).isNotNull();
                assertThat(told.code()).isEqualTo(1001);
            }
            // Only now may the calls under way end: nothing above waited for them.
            assertThat(closing.isAlive()).isTrue();
            slowMayAnswer.countDown();

            Reply refused = slow.readReply();
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.reason()).isEqualTo("gate_stopping");
            Reply reply = called.poll(20, TimeUnit.SECONDS);
            assertThat(reply).isNotNull();
            assertThat(reply.status()).isEqualTo(200);
            closing.join(Duration.ofSeconds(30));
            assertThat(closing.isAlive()).isFalse();
        }
    }

    @Test
    void doesNotWaitForSidesThatDoNotAnswer() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (ScriptedBackend backend = new ScriptedBackend(); TestGate gate = gate(backend)) {
            String credential = "api-key: " + gate.newCustomer().masterKey();
            backend.play(stage -> {
                RawWebSocket opened = stage.upgrade();
                // More bytes than the buffers hold between here and a client that does not read.
                byte[] frame = RawWebSocket.frame(0x82, new byte[60_000], false);
                try {
                    for (int i = 0; i < 2000; i++) {
                        opened.write(frame);
                    }
                } catch (UncheckedIOException ended) {
                    // The gate stops reading, or drops what arrives after it has sent its Close.
                }
                over.countDown();
            });
            try (RawWebSocket deaf = RawWebSocket.open(gate.port(), "/socket/lamp", credential)) {
                deaf.read();
                long start = System.nanoTime();
                gate.context().close();
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(18));
                assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
            }
        }
    }
}
