package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.ChildGate;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.TestGate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * Bodies of a gigabyte pass through a gate whose heap is a quarter of that: the gate holds no more of them than it
 * must.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "reads the memory of another process from /proc")
@LongTest
@OwnsItsGate
class LargeTransferTest {
    private static final long GIBIBYTE = 1L << 30;
    private static final int BLOCK = 64 * 1024;
    /** Far above what buffers of sockets and pipelines hold, far below the body. */
    private static final long IN_FLIGHT_LIMIT = 128L << 20;
    /** The heap, the direct memory, and what the JVM itself needs in addition. */
    private static final long MEMORY_LIMIT = 600L << 20;

    @TempDir
    static Path data = Path.of("");

    private static final AtomicLong RECEIVED = new AtomicLong();
    private static final AtomicLong SENT = new AtomicLong();
    private static final AtomicBoolean READING = new AtomicBoolean(true);

    private static final DisposableServer BACKEND = HttpServer.create().host("127.0.0.1").port(0).route(routes -> routes
            .get("/devices/{device}", (_, response) -> response.header("Content-Length", Long.toString(GIBIBYTE))
                    .send(blocks(GIBIBYTE), _ -> true))
            .put("/devices/{device}", (request, response) -> request.receive()
                    .doOnNext(bytes -> RECEIVED.addAndGet(bytes.readableBytes()))
                    .then(response.sendString(Mono.just("ok")).then()))
            // Takes a body and does not read it until it is told to.
            .post("/devices/{device}/datapoints", (request, response) -> Mono.defer(() -> READING.get()
                    ? Mono.empty()
                    : Mono.<Void>error(new IllegalStateException("not yet")))
                    .retryWhen(reactor.util.retry.Retry.fixedDelay(2_000,
                            Duration.ofMillis(20)))
                    .thenMany(request.receive()
                            .doOnNext(bytes -> RECEIVED.addAndGet(bytes.readableBytes())))
                    .then(response.sendString(Mono.just("ok")).then())))
            .bindNow();

    /** The lane that a call takes: the express lane leaves requests with {@code TE} to the chain. */
    enum Lane {
        EXPRESS, CHAIN
    }

    private static @Nullable ChildGate started;
    private static String masterKey = "";

    @BeforeAll
    static void start() {
        ChildGate gate = new ChildGate(List.of("-Xmx256m", "-XX:MaxDirectMemorySize=128m"),
                List.of("--postern.demo=false", "--postern.license.enabled=false",
                        "--postern.data-dir=" + data, "--postern.operator-token=" + TestGate.OPERATOR_TOKEN,
                        "--postern.backend=http://127.0.0.1:" + BACKEND.port()));
        started = gate;
        masterKey = RawHttp.call(gate.managementPort(), "POST", "/api/v1/accounts", "{\"id\":\"big\",\"name\":\"Big\"}",
                "Authorization: Bearer " + TestGate.OPERATOR_TOKEN).json().required("master_key").stringValue();
    }

    @AfterAll
    static void stop() {
        gate().close();
        BACKEND.disposeNow();
    }

    private static ChildGate gate() {
        return Objects.requireNonNull(started);
    }

    private static Flux<ByteBuf> blocks(long total) {
        byte[] block = new byte[BLOCK];
        return Flux.range(0, (int) (total / BLOCK)).map(_ -> {
            SENT.addAndGet(BLOCK);
            return Unpooled.wrappedBuffer(block);
        });
    }

    private static Socket call(Lane lane, String method, String target, long length) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate().port());
        socket.setSoTimeout(60_000);
        socket.getOutputStream().write((method + " " + target + " HTTP/1.1\r\nHost: gate.test\r\napi-key: " + masterKey
                + (lane == Lane.CHAIN ? "\r\nTE: trailers" : "") + (length > 0 ? "\r\nContent-Length: " + length : "")
                + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    @ParameterizedTest
    @EnumSource
    void uploadsAGibibyte(Lane lane) throws IOException {
        RECEIVED.set(0);
        try (Socket socket = call(lane, "PUT", "/devices/lamp", GIBIBYTE)) {
            OutputStream out = socket.getOutputStream();
            byte[] block = new byte[BLOCK];
            for (long sent = 0; sent < GIBIBYTE; sent += BLOCK) {
                out.write(block);
            }
            assertThat(RawHttp.read(socket.getInputStream(), true).status()).isEqualTo(200);
        }
        assertThat(RECEIVED.get()).isEqualTo(GIBIBYTE);
        assertThat(gate().peakMemory()).isLessThan(MEMORY_LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void downloadsAGibibyte(Lane lane) throws IOException {
        try (Socket socket = call(lane, "GET", "/devices/lamp", 0)) {
            InputStream in = socket.getInputStream();
            String line = RawHttp.line(in);
            assertThat(line).contains("200");
            while (!line.isEmpty()) {
                line = RawHttp.line(in);
            }
            byte[] block = new byte[BLOCK];
            long received = 0;
            while (received < GIBIBYTE) {
                int read = in.read(block);
                assertThat(read).as("bytes after " + received).isPositive();
                received += read;
            }
        }
        assertThat(gate().peakMemory()).isLessThan(MEMORY_LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void slowsTheBackendIfTheClientDoesNotRead(Lane lane) throws IOException {
        SENT.set(0);
        try (Socket socket = call(lane, "GET", "/devices/lamp", 0)) {
            assertThat(RawHttp.line(socket.getInputStream())).contains("200");

            awaitStandstill(SENT);
            assertThat(SENT.get()).isPositive().isLessThan(IN_FLIGHT_LIMIT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void slowsTheClientIfTheBackendDoesNotRead(Lane lane) throws Exception {
        RECEIVED.set(0);
        READING.set(false);
        AtomicLong written = new AtomicLong();
        try (Socket socket = call(lane, "POST", "/devices/lamp/datapoints", GIBIBYTE)) {
            Thread writer = Thread.ofPlatform().daemon().name("uploader").start(() -> {
                byte[] block = new byte[BLOCK];
                try {
                    for (long sent = 0; sent < GIBIBYTE; sent += BLOCK) {
                        socket.getOutputStream().write(block);
                        written.addAndGet(BLOCK);
                    }
                } catch (IOException cut) {
                    written.addAndGet(0);
                }
            });

            awaitStandstill(written);
            assertThat(written.get()).isPositive().isLessThan(IN_FLIGHT_LIMIT);

            READING.set(true);
            assertThat(RawHttp.read(socket.getInputStream(), true).status()).isEqualTo(200);
            writer.join(10_000);
        } catch (SocketTimeoutException stuck) {
            throw new AssertionError("the upload did not go on", stuck);
        }
        assertThat(RECEIVED.get()).isEqualTo(GIBIBYTE);
    }

    /** Waits until a counter that has moved does not move for a second. */
    private static void awaitStandstill(AtomicLong counter) {
        AtomicLong before = new AtomicLong(-1);
        await().pollInterval(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(60))
                .until(() -> before.getAndSet(counter.get()) == counter.get() && counter.get() > 0);
    }
}
