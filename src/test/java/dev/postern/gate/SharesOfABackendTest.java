package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.BothLanes;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp2;
import dev.postern.support.SloppyBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** How much of a backend one caller can take away from the others. */
@BothLanes
@OwnsItsGate
@Order(4)
class SharesOfABackendTest {
    private final List<AutoCloseable> open = new ArrayList<>();
    private final SloppyBackend backend = new SloppyBackend((line, _) -> line.ok("fine"));

    private TestGate gate(String... properties) {
        List<String> all = new ArrayList<>(List.of(properties));
        all.add("postern.backend=" + backend.address());
        TestGate gate = TestGate.start(all.toArray(String[]::new));
        open.addFirst(gate);
        return gate;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        backend.close();
    }

    /** Sends the head of an upload and one byte of it, and no more. */
    private Socket upload(TestGate gate, String key) {
        try {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.port());
            open.addFirst(socket);
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(("PUT /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + key
                    + "\r\nContent-Length: 1000\r\n\r\nx").getBytes(StandardCharsets.US_ASCII));
            return socket;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static double metric(TestGate gate, String name, String tags) {
        return gate.operate("GET", "/actuator/prometheus", "").text().lines()
                .filter(line -> line.startsWith(name) && line.contains(tags))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    @Test
    void servesOthersWhileOneAccountUsesItsWholeShare() {
        TestGate gate = gate("postern.forwarding.upload-grace=10m");
        Customer attacker = gate.newCustomer();
        Customer other = gate.newCustomer();
        for (int i = 0; i < 520; i++) {
            upload(gate, attacker.masterKey());
        }
        await().atMost(Duration.ofSeconds(60))
                .until(() -> metric(gate, "postern_backend_active", "kind=\"call\"") >= 409);

        for (int i = 0; i < 200; i++) {
            assertThat(gate.call(other.masterKey(), "GET", "/devices/lamp").status()).isEqualTo(200);
        }
        assertThat(gate.call(attacker.newKey("""
                [{"access_methods":["get"],"resources":[{"dev_id":"lamp"}]}]"""), "GET", "/devices/lamp").status())
                .as("another credential of the same account").isEqualTo(200);
        assertThat(gate.call(attacker.masterKey(), "GET", "/devices/lamp").reason()).isEqualTo("backend_busy");
        assertThat(metric(gate, "postern_backend_active", "kind=\"call\"")).isLessThan(512);
    }

    @Test
    void abortsAnUploadBelowTheMinimumRate() throws IOException {
        TestGate gate = gate("postern.forwarding.upload-grace=300ms");
        Socket socket = upload(gate, gate.newCustomer().masterKey());

        RawHttp.Reply reply = RawHttp.read(socket.getInputStream(), true);

        assertThat(reply.status()).isEqualTo(408);
        assertThat(reply.reason()).isEqualTo("body_timeout");
        assertThat(reply.header("Connection")).isEqualTo("close");
        await().atMost(Duration.ofSeconds(20)).until(() -> metric(gate, "postern_backend_active", "call") == 0);
        assertThat(backend.received()).as("no whole request").isEmpty();
    }

    @Test
    void abortsATricklingUploadChunkedOrNot() throws IOException {
        TestGate gate = gate("postern.forwarding.upload-grace=500ms", "postern.forwarding.min-upload-rate=1000B");
        String key = gate.newCustomer().masterKey();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(("PUT /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + key
                    + "\r\nTransfer-Encoding: chunked\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 100 && socket.getInputStream().available() == 0; i++) {
                socket.getOutputStream().write("1\r\nx\r\n".getBytes(StandardCharsets.US_ASCII));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
            assertThat(RawHttp.read(socket.getInputStream(), true).status()).isEqualTo(408);
        }
    }

    @Test
    void doesNotCountTheTimeInWhichTheBackendDoesNotRead() throws IOException {
        TestGate gate = gate("postern.forwarding.upload-grace=1s", "postern.forwarding.min-upload-rate=1GB");
        String key = gate.newCustomer().masterKey();
        // More than all buffers on the way hold; the backend begins to read after the grace is over.
        byte[] body = new byte[20_000_000];
        backend.hold(Duration.ofSeconds(3));

        RawHttp.Reply reply = RawHttp.call(gate.port(), "PUT", "/devices/lamp", body, "api-key: " + key);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(backend.received().getLast().body()).hasSize(body.length);
    }

    @Test
    void limitsEventStreamsSeparately() throws IOException {
        TestGate gate = gate("postern.forwarding.max-connections=4", "postern.forwarding.max-streams=6",
                "postern.forwarding.pending-timeout=500ms");
        String key = gate.newCustomer().masterKey();
        backend.play((line, request) -> {
            if (request.target().endsWith("stream")) {
                line.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
                line.closed();
                LockSupport.parkNanos(Duration.ofSeconds(60).toNanos());
            } else {
                line.ok("fine");
            }
        });
        for (int i = 0; i < 6; i++) {
            Socket socket = get(gate, key, "/devices/stream");
            assertThat(RawHttp.line(socket.getInputStream())).startsWith("HTTP/1.1 200");
        }

        assertThat(metric(gate, "postern_backend_active", "kind=\"stream\"")).isEqualTo(6);
        assertThat(metric(gate, "postern_backend_active", "kind=\"call\"")).isZero();
        assertThat(gate.call(key, "GET", "/devices/lamp").status()).as("calls go on").isEqualTo(200);
        assertThat(gate.call(key, "GET", "/devices/stream").reason()).isEqualTo("backend_busy");
        for (AutoCloseable each : open) {
            if (each instanceof Socket socket) {
                socket.close();
            }
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> metric(gate, "postern_backend_active", "stream") == 0);
    }

    /** Whatever follows on that connection would be taken for the response to another call. */
    @Test
    void closesTheConnectionOfARefusedEventStreamWithoutABody() throws Exception {
        TestGate gate = gate("postern.forwarding.max-streams=1", "postern.forwarding.pending-timeout=500ms");
        String key = gate.newCustomer().masterKey();
        List<SloppyBackend.Line> lines = new CopyOnWriteArrayList<>();
        backend.play((line, _) -> {
            line.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n");
            lines.add(line);
            line.write(lines.size() == 1 ? "\r\ndata: 1\n\n" : "Content-Length: 0\r\n\r\n");
        });
        Socket socket = get(gate, key, "/devices/stream");
        assertThat(RawHttp.line(socket.getInputStream())).startsWith("HTTP/1.1 200");

        assertThat(gate.call(key, "GET", "/devices/stream").reason()).isEqualTo("backend_busy");

        SloppyBackend.Line first = lines.getFirst();
        SloppyBackend.Line refused = lines.getLast();
        assertThat(refused.closed().await(20, TimeUnit.SECONDS)).as("closed by the gate").isTrue();
        assertThat(first.closed().getCount()).as("the first stream goes on").isOne();
    }

    /**
     * The credential of the call is in the near cache, but the gate does not remember it as verified. So the call waits
     * for the record, but the wait is over at once.
     */
    @Test
    void givesBackTheSlotOfACallWhoseClientHasLeft() throws IOException {
        TestGate gate = gate("postern.forwarding.max-connections=1", "postern.forwarding.pending-timeout=30s",
                "postern.tokens.remember-for=0s");
        String key = gate.newCustomer().masterKey();
        CountDownLatch goOn = new CountDownLatch(1);
        gate.awaitRemembered(key, "GET", "/devices/lamp", 200);
        backend.play((line, _) -> {
            try {
                var _ = goOn.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            line.ok("fine");
        });
        get(gate, key, "/devices/lamp");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> metric(gate, "postern_backend_active", "kind=\"call\"") == 1);
        Socket leaving = get(gate, key, "/devices/lamp");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> metric(gate, "postern_backend_waiting", "kind=\"call\"") == 1);

        leaving.close();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> metric(gate, "postern_backend_waiting", "kind=\"call\"") == 0);
        goOn.countDown();

        await().atMost(Duration.ofSeconds(20))
                .until(() -> metric(gate, "postern_backend_active", "kind=\"call\"") == 0);
        assertThat(gate.call(key, "GET", "/devices/lamp").status()).isEqualTo(200);
    }

    @Test
    void doesNotHoldASlotForAClientThatDoesNotReadTheRestOfAResponse() throws IOException {
        TestGate gate = gate("postern.forwarding.idle-timeout=1s");
        String key = gate.newCustomer().masterKey();
        backend.play((line, _) -> {
            line.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
            String part = "x".repeat(100_000);
            for (int i = 0; i < 1000; i++) {
                line.write(part);
            }
        });
        Socket socket = get(gate, key, "/devices/lamp");
        assertThat(RawHttp.line(socket.getInputStream())).startsWith("HTTP/1.1 200");

        await().atMost(Duration.ofSeconds(30))
                .until(() -> metric(gate, "postern_backend_active", "kind=\"call\"") == 0);
        assertThat(restOf(socket)).as("bytes until the gate closes the connection").isLessThan(100_000_000);
    }

    @Test
    void waitsForAClientThatReadsSlowly() throws Exception {
        TestGate gate = gate("postern.forwarding.idle-timeout=5s");
        String key = gate.newCustomer().masterKey();
        int parts = 240;
        backend.play((line, _) -> {
            line.write("HTTP/1.1 200 OK\r\nContent-Length: " + parts * 100_000 + "\r\n\r\n");
            String part = "x".repeat(100_000);
            for (int i = 0; i < parts; i++) {
                line.write(part);
            }
        });
        Socket socket = get(gate, key, "/devices/lamp");
        InputStream in = socket.getInputStream();
        assertThat(RawHttp.line(in)).startsWith("HTTP/1.1 200");
        while (!RawHttp.line(in).isEmpty()) {
            // Skips the headers.
        }
        for (int i = 0; i < parts / 20; i++) {
            Thread.sleep(500);
            assertThat(in.readNBytes(2_000_000)).hasSize(2_000_000);
        }
    }

    private static long restOf(Socket socket) throws IOException {
        try {
            return socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (SocketException reset) {
            return 0;
        }
    }

    @Test
    void doesNotHoldASlotForAnHttp2ClientThatTakesNoBody() throws IOException {
        TestGate gate = gate("postern.forwarding.idle-timeout=1s");
        String key = gate.newCustomer().masterKey();
        backend.play((line, _) -> line.ok("fine"));
        open.addFirst(RawHttp2.askForHead(gate.port(), List.of(":method: GET", ":scheme: http",
                ":authority: gate.test", ":path: /devices/lamp", "api-key: " + key)));

        await().atMost(Duration.ofSeconds(20))
                .until(() -> metric(gate, "postern_backend_active", "kind=\"call\"") == 0);
    }

    private Socket get(TestGate gate, String key, String target) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.port());
        open.addFirst(socket);
        socket.setSoTimeout(30_000);
        socket.getOutputStream().write(("GET " + target + " HTTP/1.1\r\nHost: gate.test\r\napi-key: " + key
                + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
