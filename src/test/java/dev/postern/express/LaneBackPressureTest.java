package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.TestGate;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * The gate reads no more from a client than it can pass on, and goes on reading when it can pass on more, whichever lanes
 * the requests of the connection take. After a call on the chain, Reactor Netty reads the connection without being asked.
 */
@OwnsItsGate
class LaneBackPressureTest {
    private static final int LIMIT_MILLIS = 20_000;
    /** Far more than the operating system keeps for a connection and its way to the backend. */
    private static final long TOO_MUCH = 64L << 20;
    private static final long STANDS_STILL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long READ_BY_THEN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int UPLOAD = 1 << 20;
    private static final int FIRST_PART = 200_000;

    private static final Semaphore RELEASED = new Semaphore(0);
    private static final ServerSocket BACKEND = backend();
    private static final TestGate GATE = TestGate.start("postern.express.enabled=true",
            "postern.express.response-header=true", "postern.apis.plant.backend=http://127.0.0.1:"
                    + BACKEND.getLocalPort(),
            "postern.apis.plant.operations[0].call=GET,PUT,PATCH /plant/{device}");
    private static final String KEY = GATE.newCustomer().masterKey();

    private static ServerSocket backend() {
        try {
            ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(() -> {
                while (!server.isClosed()) {
                    try {
                        Socket socket = server.accept();
                        Thread.ofVirtual().start(() -> serve(socket));
                    } catch (IOException closed) {
                        return;
                    }
                }
            });
            return server;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Answers what it has read, except to the devices {@code held} and {@code unread}: for these, it waits first. */
    private static void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (true) {
                String line = Wire.line(in);
                var headers = Wire.headers(in);
                if (line.contains("/held") || line.contains("/unread")) {
                    RELEASED.acquireUninterruptibly();
                }
                if (line.contains("/unread")) {
                    return;
                }
                String size = "" + Wire.body(in, headers, false).data().length;
                socket.getOutputStream()
                        .write(("HTTP/1.1 200 OK\r\nContent-Length: " + size.length() + "\r\n\r\n" + size)
                                .getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException over) {
            // The gate has closed the connection.
        }
    }

    @AfterAll
    static void stop() throws IOException {
        GATE.close();
        BACKEND.close();
    }

    private static byte[] request(String method, String device, int length) {
        return (method + " /plant/" + device + " HTTP/1.1\r\nHost: gate.test\r\napi-key: " + KEY + "\r\n"
                + (length < 0 ? "" : "Content-Length: " + length + "\r\n") + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** How many bytes the gate takes until it takes no more for a second, or it has taken too much. */
    private static long taken(SocketChannel client, byte[] bytes) throws IOException {
        client.configureBlocking(false);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long taken = 0;
        long last = System.nanoTime();
        while (taken < TOO_MUCH && System.nanoTime() - last < STANDS_STILL_NANOS) {
            int now = client.write(buffer);
            taken += now;
            if (now > 0) {
                last = System.nanoTime();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            if (!buffer.hasRemaining()) {
                buffer.rewind();
            }
        }
        client.configureBlocking(true);
        return taken;
    }

    private static void assertAnswered(InputStream in, String lane, String body) throws IOException {
        RawHttp.Reply reply = RawHttp.read(in, true);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(reply.header("X-Postern-Lane")).isEqualTo(lane);
        assertThat(reply.text()).isEqualTo(body);
    }

    private static SocketChannel connect() throws IOException {
        SocketChannel client = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), GATE.port()));
        client.socket().setSoTimeout(LIMIT_MILLIS);
        return client;
    }

    @Test
    void readsNoMoreRequestsWhileACallOnTheChainIsNotAnswered() throws IOException {
        try (SocketChannel client = connect()) {
            client.write(ByteBuffer.wrap(request("PATCH", "held", 0)));

            assertThat(taken(client, request("GET", "lamp", -1))).isLessThan(TOO_MUCH);

            RELEASED.release();
            assertAnswered(client.socket().getInputStream(), "chain", "0");
        }
    }

    /** A head that is not plain leaves the rest of the connection to the codec. */
    @Test
    void readsNoUploadBehindACallThatIsNotAnsweredOnAConnectionOfTheCodec() throws IOException {
        try (SocketChannel client = connect()) {
            client.write(ByteBuffer.wrap(new String(request("GET", "held", -1), StandardCharsets.US_ASCII)
                    .replace("\r\n\r\n", "\r\nTE: trailers\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
            client.write(ByteBuffer.wrap(request("PUT", "lamp", Integer.MAX_VALUE)));

            assertThat(taken(client, new byte[1 << 16])).isLessThan(TOO_MUCH);

            RELEASED.release();
            assertAnswered(client.socket().getInputStream(), "chain", "0");
        }
    }

    @Test
    void readsNoMoreOfAnUploadThatTheBackendDoesNotReadAfterACallOnTheChain() throws IOException {
        try (SocketChannel client = connect()) {
            client.write(ByteBuffer.wrap(request("PATCH", "lamp", 0)));
            assertAnswered(client.socket().getInputStream(), "chain", "0");
            client.write(ByteBuffer.wrap(request("PUT", "unread", Integer.MAX_VALUE)));

            assertThat(taken(client, new byte[1 << 16])).isLessThan(TOO_MUCH);

            RELEASED.release();
        }
    }

    @Test
    void readsAnUploadForTheChainToItsEndIfItHasWaitedForACallOnTheLane() throws IOException {
        try (Socket client = connect().socket()) {
            client.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = client.getOutputStream();
            out.write(request("PATCH", "lamp", 0));
            assertAnswered(in, "chain", "0");
            out.write(request("GET", "held", -1));
            out.write(request("PATCH", "lamp", UPLOAD));
            out.write(new byte[FIRST_PART]);
            LockSupport.parkNanos(READ_BY_THEN_NANOS);

            RELEASED.release();
            assertAnswered(in, "express", "0");
            out.write(new byte[UPLOAD - FIRST_PART]);
            assertAnswered(in, "chain", "" + UPLOAD);
        }
    }
}
