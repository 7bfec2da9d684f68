package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A response that lasts ends when its call would not be allowed any more. */
@OwnsItsGate
class EventStreamRightsTest {
    private static final String EXPRESS = "X-Lane: express";
    /** The express lane leaves calls with this header to the chain. */
    private static final String CHAIN = "TE: trailers";
    /** What the backend sends next, for each device. An empty text ends the response. */
    private static final Map<String, BlockingQueue<String>> NEXT = new ConcurrentHashMap<>();
    private static final Map<String, CountDownLatch> CLOSED = new ConcurrentHashMap<>();
    private static final ScriptedBackend BACKEND = new ScriptedBackend();
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.apis.long.operations[0].call=GET /long/{device}/{kind}", "postern.forwarding.long-response=1s");
    private static final Customer CUSTOMER = GATE.newCustomer();

    static {
        BACKEND.play(EventStreamRightsTest::answer);
    }

    private static void answer(ScriptedBackend.Stage stage) throws Exception {
        String[] path = stage.request().target().split("/", -1);
        String device = path[2];
        boolean chunked = !path[3].equals("download");
        switch (path[3]) {
            case "events" -> stage.head(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked");
            case "lines" -> stage.head(200, "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked");
            default -> stage.head(200, "Content-Type: application/octet-stream", "Content-Length: 10");
        }
        Thread.ofVirtual().start(() -> {
            try {
                stage.awaitEnd();
            } catch (IOException reset) {
                // An end, too.
            }
            CLOSED.computeIfAbsent(device, _ -> new CountDownLatch(1)).countDown();
        });
        BlockingQueue<String> next = NEXT.computeIfAbsent(device, _ -> new LinkedBlockingQueue<>());
        for (String part = "12345"; !part.isEmpty(); part = next.take()) {
            if (chunked) {
                stage.chunk(part);
            } else {
                stage.write(part);
            }
        }
        if (chunked) {
            stage.chunk("");
        }
    }

    @AfterAll
    static void stop() {
        NEXT.values().forEach(next -> next.add(""));
        GATE.close();
        BACKEND.close();
    }

    private static String key(String device) {
        CUSTOMER.make("/devices", "{\"id\":\"" + device + "\",\"title\":\"d\"}");
        return CUSTOMER.newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"" + device + "\"}]}]");
    }

    private static void revoke(String key) {
        assertThat(CUSTOMER.keys("DELETE", "/keys/" + key, "").required("errno").intValue()).isZero();
    }

    private static void send(String device, String part) {
        NEXT.computeIfAbsent(device, _ -> new LinkedBlockingQueue<>()).add(part);
    }

    /** One open response. */
    private record Response(Socket socket, InputStream in) implements Closeable {
        static Response open(String device, String kind, String key, String lane) throws IOException {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port());
            socket.setSoTimeout(30_000);
            Response response = new Response(socket, socket.getInputStream());
            response.call(device, kind, key, lane);
            return response;
        }

        void call(String device, String kind, String key, String lane) throws IOException {
            socket.getOutputStream().write(("GET /long/" + device + "/" + kind + " HTTP/1.1\r\nHost: gate\r\napi-key: "
                    + key + "\r\n" + lane + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            RawHttp.Reply head = RawHttp.read(in, false);
            assertThat(head.status()).isEqualTo(200);
        }

        String chunk() throws IOException {
            int size = Integer.parseInt(RawHttp.line(in), 16);
            String part = new String(in.readNBytes(size), StandardCharsets.US_ASCII);
            RawHttp.line(in);
            return part;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    static Stream<Arguments> streams() {
        return Stream.of(EXPRESS, CHAIN).flatMap(lane -> Stream.of("events", "lines")
                .map(kind -> Arguments.of(lane, kind)));
    }

    @ParameterizedTest
    @MethodSource("streams")
    void endsIfTheKeyIsRevokedAndLeavesOthersOpen(String lane, String kind) throws Exception {
        String device = kind + lane.substring(0, 1);
        String other = "other-" + device;
        String key = key(device);
        try (Response response = Response.open(device, kind, key, lane);
                Response untouched = Response.open(other, kind, key(other), lane)) {
            assertThat(response.chunk()).isEqualTo("12345");
            assertThat(untouched.chunk()).isEqualTo("12345");
            revoke(key);

            // Without a last chunk: the client can tell that this is not the end of the data.
            assertThatThrownBy(response::chunk).isInstanceOf(IOException.class);
            assertThat(CLOSED.computeIfAbsent(device, _ -> new CountDownLatch(1)).await(20, TimeUnit.SECONDS)).isTrue();

            send(other, "still here");
            assertThat(untouched.chunk()).isEqualTo("still here");
        }
        RawHttp.Reply again = RawHttp.call(GATE.port(), "GET", "/long/" + device + "/" + kind, "", "api-key: " + key);
        assertThat(again.reason()).isEqualTo("credential_invalid");
        assertThat(RawHttp.call(GATE.managementPort(), "GET", "/actuator/prometheus", "").text())
                .containsPattern("postern_streams_revoked_total\\{reason=\"credential_[a-z]+\"} [1-9]");
    }

    @ParameterizedTest
    @MethodSource("streams")
    void watchesNoMoreWhenTheResponseHasEnded(String lane, String kind) throws Exception {
        String device = "ended-" + kind + lane.substring(0, 1);
        String revoked = key(device);
        String later = CUSTOMER.newKey(
                "[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"" + device + "\"}]}]");
        try (Response response = Response.open(device, kind, revoked, lane)) {
            assertThat(response.chunk()).isEqualTo("12345");
            send(device, "");
            assertThat(response.chunk()).isEmpty();
            response.call(device, kind, later, lane);
            assertThat(response.chunk()).isEqualTo("12345");
            revoke(revoked);
            // Two looks later, a watch that had been forgotten would have closed the connection.
            send(device, "a");
            assertThat(response.chunk()).isEqualTo("a");
            TimeUnit.MILLISECONDS.sleep(2_500);
            send(device, "b");
            assertThat(response.chunk()).isEqualTo("b");
        }
    }

    @Test
    void letsADownloadEnd() throws Exception {
        for (String lane : new String[]{EXPRESS, CHAIN}) {
            String device = "download-" + lane.substring(0, 1);
            String key = key(device);
            try (Response response = Response.open(device, "download", key, lane)) {
                assertThat(response.in().readNBytes(5)).asString(StandardCharsets.US_ASCII).isEqualTo("12345");
                revoke(key);
                TimeUnit.MILLISECONDS.sleep(2_500);
                send(device, "67890");
                assertThat(response.in().readNBytes(5)).asString(StandardCharsets.US_ASCII).isEqualTo("67890");
            }
        }
    }
}
