package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.express.PlainForm.Found;
import dev.postern.support.Thoroughness;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The codec of the chain reads every head that the lane takes for plain, and reads it in the same way. */
class PlainFormTest {
    private static final int HEADS = Thoroughness.pick(200_000, 2_000_000);
    /** For one of this many plain heads, the test also looks at all beginnings of the head. */
    private static final int CUT_EVERY = 40;
    private static final long SEED = Long.getLong("seed", 20_260_711);

    private final HeadComparison comparison = new HeadComparison();

    @Test
    void theCodecReadsEveryPlainHeadInTheSameWay() {
        int plain = 0;
        for (int i = 0; i < HEADS; i++) {
            long seed = SEED + i;
            Random random = new Random(seed);
            HeadMaker maker = new HeadMaker(random);
            byte[] made = maker.next();
            byte[] bytes = i % 3 == 0 ? made : maker.mutate(made);
            PlainHead head = new PlainHead();
            if (recognize(head, bytes) != Found.PLAIN) {
                continue;
            }
            plain++;
            comparison.check(head, bytes, "seed " + seed + ": " + text(bytes));
            if (plain % CUT_EVERY == 0) {
                isIncompleteWhereverItIsCut(bytes, head.end);
            }
        }
        assertThat(plain).as("share of plain heads").isGreaterThan(HEADS / 5);
    }

    private static void isIncompleteWhereverItIsCut(byte[] bytes, int end) {
        PlainHead head = new PlainHead();
        head.append(Unpooled.wrappedBuffer(bytes), 0, end);
        for (int cut = 0; cut < end; cut++) {
            head.size = cut;
            assertThat(PlainForm.recognize(head)).as("cut after %s bytes: %s", cut, text(bytes))
                    .isEqualTo(Found.INCOMPLETE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1|Host: a", "DELETE /a?b=%2F&c HTTP/1.1|host:a:1",
            "GET / HTTP/1.1|Host: a|Connection: Keep-Alive", "GET / HTTP/1.1|Connection: close|Host: a",
            "POST / HTTP/1.1|Host: a|Content-Length: 0", "POST / HTTP/1.1|Host: a|content-length:   999999999999999  ",
            "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked", "OPTIONS / HTTP/1.1|Host: 10.0.0.1:65535|X:",
            "GET / HTTP/1.1|Host: a|x_y: 1|X.Y: 2|x_y: 3|X-Z: a  b ; c  "})
    void takesForPlain(String head) {
        assertThat(found(head)).isEqualTo(Found.PLAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {
            // The request line.
            "TRACE / HTTP/1.1|Host: a", "get / HTTP/1.1|Host: a", "GET  / HTTP/1.1|Host: a", "GET * HTTP/1.1|Host: a",
            "GET http://a/ HTTP/1.1|Host: a", "GET /  HTTP/1.1|Host: a", "GET / HTTP/1.0|Host: a",
            "GET / HTTP/1.1 |Host: a", "GET /%4 HTTP/1.1|Host: a", "GET /%xx HTTP/1.1|Host: a",
            "GET /a#b HTTP/1.1|Host: a",
            "GET /a;b HTTP/1.1|Host: a", "GET /\u00e4 HTTP/1.1|Host: a", "GET /{a} HTTP/1.1|Host: a",
            "|GET / HTTP/1.1|Host: a", "GET /|Host: a", "OPTIONS * HTTP/1.1|Host: a",
            // The Host.
            "GET / HTTP/1.1|X: y", "GET / HTTP/1.1|Host: a|Host: a", "GET / HTTP/1.1|Host:",
            "GET / HTTP/1.1|Host: [::1]",
            "GET / HTTP/1.1|Host: a:", "GET / HTTP/1.1|Host: a:123456", "GET / HTTP/1.1|Host: a b",
            "GET / HTTP/1.1|Host: a:x", "GET / HTTP/1.1|Host: a,b", "GET / HTTP/1.1|Host: a/b",
            // Lines.
            "GET / HTTP/1.1|Host: a|X y: 1", "GET / HTTP/1.1|Host: a|X : 1", "GET / HTTP/1.1|Host: a| X: 1",
            "GET / HTTP/1.1|Host: a|X: 1| folded", "GET / HTTP/1.1|Host: a|: 1", "GET / HTTP/1.1|Host: a|X",
            "GET / HTTP/1.1|Host: a|X: a\tb", "GET / HTTP/1.1|Host: a|X: \u00e4", "GET / HTTP/1.1|Host: a|X\u00e4: 1",
            "GET / HTTP/1.1|Host: a|X: a\u0000b", "GET / HTTP/1.1|Host: a|X: a\rb", "GET / HTTP/1.1|Host: a|X: a\nb",
            "GET / HTTP/1.1\nHost: a|", "GET / HTTP/1.1|Host: a\n\n", "GET / HTTP/1.1|Host: a|X: \u007f",
            // The framing.
            "POST / HTTP/1.1|Host: a|Content-Length: 1|Content-Length: 1", "POST / HTTP/1.1|Host: a|Content-Length: 01",
            "POST / HTTP/1.1|Host: a|Content-Length: +1", "POST / HTTP/1.1|Host: a|Content-Length: -1",
            "POST / HTTP/1.1|Host: a|Content-Length: 1,1", "POST / HTTP/1.1|Host: a|Content-Length:",
            "POST / HTTP/1.1|Host: a|Content-Length: 1 1", "POST / HTTP/1.1|Host: a|Content-Length: 0x1",
            "POST / HTTP/1.1|Host: a|Content-Length: 9999999999999999",
            "POST / HTTP/1.1|Host: a|Transfer-Encoding: Chunked",
            "POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked",
            "POST / HTTP/1.1|Host: a|Transfer-Encoding: identity",
            "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: chunked",
            "POST / HTTP/1.1|Host: a|Transfer-Encoding:",
            "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Content-Length: 5",
            "POST / HTTP/1.1|Host: a|Content-Length: 5|Transfer-Encoding: chunked",
            // Headers that concern the connection.
            "GET / HTTP/1.1|Host: a|Connection: X-A", "GET / HTTP/1.1|Host: a|Connection: close, X-A",
            "GET / HTTP/1.1|Host: a|Connection: close|Connection: close", "GET / HTTP/1.1|Host: a|Connection:",
            "GET / HTTP/1.1|Host: a|Connection: upgrade|Upgrade: websocket", "GET / HTTP/1.1|Host: a|Upgrade: h2c",
            "GET / HTTP/1.1|Host: a|TE: trailers", "GET / HTTP/1.1|Host: a|Trailer: X",
            "GET / HTTP/1.1|Host: a|Expect: 100-continue", "GET / HTTP/1.1|Host: a|Proxy-Connection: close"})
    void leavesToTheCodec(String head) {
        assertThat(found(head)).isEqualTo(Found.ODD);
    }

    @Test
    void bounds() {
        String lines = "|X: y".repeat(PlainHead.MAX_LINES - 1);
        assertThat(found("GET / HTTP/1.1|Host: a" + lines)).isEqualTo(Found.PLAIN);
        assertThat(found("GET / HTTP/1.1|Host: a" + lines + "|X: y")).isEqualTo(Found.ODD);
        assertThat(found("GET /" + "a".repeat(8 * 1024 - 1) + " HTTP/1.1|Host: a")).isEqualTo(Found.PLAIN);
        assertThat(found("GET /" + "a".repeat(8 * 1024) + " HTTP/1.1|Host: a")).isEqualTo(Found.ODD);
        byte[] endless = ("GET / HTTP/1.1\r\nX: " + "y".repeat(PlainForm.MAX_HEAD)).getBytes(StandardCharsets.US_ASCII);
        assertThat(recognize(new PlainHead(), endless)).isEqualTo(Found.ODD);
    }

    @Test
    void theBytesAfterAHeadAreNotPartOfIt() {
        String head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        PlainHead found = new PlainHead();
        assertThat(recognize(found, (head + "\r\nHost: b\r\n\r\n").getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(Found.PLAIN);
        assertThat(found.end).isEqualTo(head.length());
        assertThat(found.lines).isEqualTo(1);
    }

    private static Found found(String head) {
        byte[] bytes = (head.replace("|", "\r\n") + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        return recognize(new PlainHead(), bytes);
    }

    static Found recognize(PlainHead head, byte[] bytes) {
        head.append(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
        return PlainForm.recognize(head);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1).replace("\r", "\\r").replace("\n", "\\n\n");
    }
}
