package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.LeakDetection;
import dev.postern.support.LongTest;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawWebSocket;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.TestGate;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Many WebSockets at once, which end in seven ways, leave nothing behind: neither a slot nor a buffer. */
@NeedsTheMachine
@LongTest
class WebSocketLoadTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int MANY = 500;
    private static final int LARGE = 100_000;

    /**
     * A backend of plain sockets: if a Netty server in this process lost buffers, they would be taken for the gate's.
     */
    private static void echo(ScriptedBackend.Stage stage) throws IOException {
        RawWebSocket socket = stage.upgrade();
        while (true) {
            RawWebSocket.Frame frame = socket.read();
            switch (frame.opcode() == RawWebSocket.CLOSE ? "closed" : frame.text()) {
                case "closed" -> {
                    socket.send(true, RawWebSocket.CLOSE, frame.payload());
                    return;
                }
                case "close" -> {
                    socket.close(4000, "as you like");
                    socket.readClose();
                    return;
                }
                case "hang up" -> {
                    return;
                }
                case "reset" -> {
                    stage.reset();
                    return;
                }
                default -> socket.send(frame.last(), frame.opcode(), frame.payload());
            }
        }
    }

    @Test
    void leavesNothingBehindAfterManyWebSockets() throws Exception {
        try (ScriptedBackend backend = new ScriptedBackend();
                TestGate gate = TestGate.start("postern.backend=" + backend.address(),
                        "postern.apis.socket.operations[0].call=GET /socket/{device}");
                LeakDetection leaks = new LeakDetection()) {
            backend.play(WebSocketLoadTest::echo);

            openAndEnd(gate, "api-key: " + gate.newCustomer().masterKey());

            leaks.assertNothingLeaked();
        }
    }

    private static void openAndEnd(TestGate gate, String credential) throws Exception {
        MeterRegistry meters = gate.context().getBean(MeterRegistry.class);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<RawWebSocket>> opening = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                int number = i;
                opening.add(threads.submit(() -> openAndTalk(gate, credential, number)));
            }
            List<RawWebSocket> clients = new ArrayList<>();
            for (Future<RawWebSocket> each : opening) {
                clients.add(each.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
            }
            assertThat(meters.get("postern.streams.open").gauge().value()).isEqualTo(MANY);

            List<Future<?>> ending = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                int number = i;
                ending.add(threads.submit(() -> end(clients.get(number), number)));
            }
            for (Future<?> each : ending) {
                each.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
        }
        await().atMost(LIMIT).until(() -> meters.get("postern.streams.open").gauge().value() == 0);
    }

    private static RawWebSocket openAndTalk(TestGate gate, String credential, int number) {
        RawWebSocket client = RawWebSocket.open(gate.port(), "/socket/lamp", credential);
        client.text("hello " + number);
        assertThat(client.read().text()).isEqualTo("hello " + number);
        if (number % 10 == 0) {
            client.send(true, RawWebSocket.BINARY, RawWebSocket.bytes(LARGE));
            assertThat(client.readMessage().payload()).isEqualTo(RawWebSocket.bytes(LARGE));
        }
        return client;
    }

    private static void end(RawWebSocket client, int number) {
        switch (number % 7) {
            case 0 -> {
                client.close(1000, "");
                assertThat(client.read().code()).isEqualTo(1000);
            }
            case 1 -> client.reset();
            case 2 -> client.close();
            case 3 -> {
                // In the middle of a frame.
                client.write(new byte[]{(byte) 0x82, (byte) 0xfe, 1});
                client.reset();
            }
            case 4 -> {
                client.text("close");
                assertThat(client.readClose().code()).isEqualTo(4000);
            }
            case 5 -> {
                client.text("hang up");
                assertThat(client.readClose().code()).isEqualTo(1011);
            }
            default -> {
                client.text("reset");
                assertThat(client.readClose().code()).isEqualTo(1011);
            }
        }
        client.close();
    }
}
