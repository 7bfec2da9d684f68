package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.BothLanes;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A request that is refused before the web framework sees it leaves its connection usable for the next request. */
@BothLanes
@UsesSharedGate
class EarlyRefusalsTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String INVALID = "Authorization: Bearer a.b.c.d.e\r\n";

    private final String valid = "Authorization: Bearer " + GATE.newCustomer().masterKey() + "\r\n";

    @Test
    void requestsOfOneConnectionAreAnsweredInOrder() throws IOException {
        List<Reply> replies = send(5,
                request("GET", "/devices/one", INVALID, ""),
                request("GET", "/devices/two", valid, ""),
                request("GET", "/devices/three", "", ""),
                request("GET", "/no/such/path", valid, ""),
                request("GET", "/devices/four", valid, ""));

        assertThat(replies).extracting(Reply::status).containsExactly(401, 200, 401, 404, 200);
        assertThat(replies.get(0).reason()).isEqualTo("credential_invalid");
        assertThat(replies.get(2).reason()).isEqualTo("credential_missing");
    }

    @Test
    void anUnreadBodyIsNotReadAsTheNextRequest() throws IOException {
        String hidden = request("GET", "/devices/hidden", valid, "");
        List<Reply> replies = send(3,
                request("POST", "/devices", INVALID, hidden),
                request("POST", "/devices", INVALID + "Transfer-Encoding: chunked\r\n", ""),
                Integer.toHexString(hidden.length()) + "\r\n" + hidden + "\r\n0\r\n\r\n",
                request("GET", "/devices/seen", valid, ""));

        assertThat(replies).extracting(Reply::status).containsExactly(401, 401, 200);
    }

    @Test
    void anAnswerToHeadHasALengthButNoBody() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write((request("HEAD", "/devices/one", INVALID, "")
                    + request("GET", "/devices/two", valid, "")).getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();

            Reply head = RawHttp.read(in, false);

            assertThat(head.status()).isEqualTo(401);
            assertThat(head.header("Content-Length")).isNotEmpty();
            assertThat(RawHttp.read(in, true).status()).isEqualTo(200);
        }
    }

    /**
     * A pipelined request that is refused early is answered as soon as its turn comes, and the connection stays open.
     */
    @Test
    void aConnectionStaysOpenAfterAnEarlyRefusal() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            socket.setSoTimeout(20_000);
            InputStream in = socket.getInputStream();
            for (int round = 0; round < 20; round++) {
                socket.getOutputStream().write((request("GET", "/devices/one", valid, "")
                        + request("GET", "/devices/two", INVALID, "")
                        + (round % 4 < 2 ? "" : request("POST", "/devices", INVALID, "a body")))
                        .getBytes(StandardCharsets.US_ASCII));

                assertThat(RawHttp.read(in, true).status()).isEqualTo(200);
                assertThat(RawHttp.read(in, true).status()).isEqualTo(401);
                if (round % 4 >= 2) {
                    assertThat(RawHttp.read(in, true).status()).isEqualTo(401);
                }
            }
        }
    }

    /** Calls of the dialects need other credentials, or none, even if the catalogue has an operation at their paths. */
    @Test
    void callsOfTheDialectsAreNotRefusedEarly() {
        assertThat(RawHttp.call(GATE.port(), "GET", "/keys", "", INVALID.strip()).json().required("errno").intValue())
                .isPositive();
        assertThat(RawHttp.call(GATE.port(), "POST", "/oauth/token", "").json().has("error")).isTrue();
    }

    private static String request(String method, String target, String headers, String body) {
        return method + " " + target + " HTTP/1.1\r\nHost: gate.test\r\n" + headers
                + (body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n") + "\r\n" + body;
    }

    /** Sends all requests at once, on one connection, and returns the replies. */
    private static List<Reply> send(int replies, String... requests) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(String.join("", requests).getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            List<Reply> answered = new ArrayList<>();
            for (int i = 0; i < replies; i++) {
                answered.add(RawHttp.read(in, true));
            }
            return answered;
        }
    }
}
