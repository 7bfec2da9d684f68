package dev.postern.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseReaderTest {
    /** What a reader passes on of these bytes, and whether it then waits for the next request. */
    private record Passed(String text, boolean ended, int left) {}

    private static Passed read(HttpMethod method, String text, int... cuts) throws BadResponseException {
        ResponseReader reader = new ResponseReader(1024);
        reader.begin(method, false);
        StringBuilder passed = new StringBuilder();
        int from = 0;
        int left = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i == cuts.length ? text.length() : cuts[i];
            ByteBuf in = Unpooled.copiedBuffer(text.substring(from, to), StandardCharsets.ISO_8859_1);
            try {
                ByteBuf out = reader.read(in);
                passed.append(out.toString(StandardCharsets.ISO_8859_1));
                out.release();
                left += in.readableBytes();
            } finally {
                assertThat(in.release()).as("nothing keeps the buffer").isTrue();
            }
            from = to;
        }
        boolean ended = reader.state() == ResponseReader.State.IDLE;
        reader.close();
        return new Passed(passed.toString(), ended, left);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', value = {
            "GET ~ HTTP/1.1 200 OK|Content-Length: 5||hello ~ true",
            "GET ~ HTTP/1.1 200|content-length:5||hello ~ true",
            "GET ~ HTTP/1.0 200 OK|Content-Length: 5||hello ~ true",
            "GET ~ HTTP/1.1 200 OK||until the end ~ false",
            "GET ~ HTTP/1.1 200 OK|Transfer-Encoding: Chunked||5|hello|A;x=\"y\"|0123456789|000|| ~ true",
            "GET ~ HTTP/1.1 200 OK|Transfer-Encoding: chunked||1|h|0|X-Trailer: yes|Y:|| ~ true",
            "GET ~ HTTP/1.1 204 No Content|| ~ true",
            "GET ~ HTTP/1.1 304 Not Modified|Content-Length: 5|| ~ true",
            "HEAD ~ HTTP/1.1 200 OK|Content-Length: 5|| ~ true",
            "HEAD ~ HTTP/1.1 200 OK|Transfer-Encoding: chunked|| ~ true",
            "HEAD ~ HTTP/1.1 200 OK|| ~ true",
            "POST ~ HTTP/1.1 500 Internal Server Error|Content-Length: 0|| ~ true"})
    void passesAResponseOnHoweverItIsCut(String method, String framed, boolean ends) throws BadResponseException {
        String text = framed.replace("|", "\r\n");
        HttpMethod of = HttpMethod.valueOf(method);
        for (String before : new String[]{"", "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"}) {
            for (int cut = 0; cut <= before.length() + text.length(); cut++) {
                assertThat(read(of, before + text, cut)).as("cut at %d", cut).isEqualTo(new Passed(text, ends, 0));
            }
            if (ends) {
                String after = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
                assertThat(read(of, before + text + after)).isEqualTo(new Passed(text, true, after.length()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void passesOnRandomBodiesInRandomFragments(long seed) throws BadResponseException {
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            StringBuilder text = new StringBuilder("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int chunk = random.nextInt(5); chunk > 0; chunk--) {
                int size = 1 + random.nextInt(40);
                text.append(random.nextBoolean() ? Integer.toHexString(size) : "0" + Integer.toHexString(size))
                        .append(random.nextInt(4) == 0 ? ";a=b" : "").append("\r\n");
                random.ints(size, 0, 256).forEach(b -> text.append((char) b));
                text.append("\r\n");
            }
            text.append("0\r\n\r\n");
            int[] cuts = random.ints(random.nextInt(10), 0, text.length()).sorted().toArray();
            assertThat(read(HttpMethod.GET, text.toString(), cuts)).isEqualTo(new Passed(text.toString(), true, 0));
        }
    }

    @Test
    void limitsTheBytesOfAHead() {
        String head = "HTTP/1.1 200 OK\r\nX: " + "x".repeat(2_000);
        for (int cut = 0; cut < head.length(); cut += 7) {
            int at = cut;
            assertThatThrownBy(() -> read(HttpMethod.GET, head, at)).isInstanceOf(BadResponseException.class)
                    .hasMessage("the head is longer than 1024 bytes");
        }
    }

    /** A mutation is refused, or every byte of what is passed on was there in this order: none is made up. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void inventsNothingFromBrokenResponses(long seed) {
        Random random = new Random(seed);
        String whole = "HTTP/1.1 103 Hints|A: b||HTTP/1.1 200 OK|Transfer-Encoding: chunked|B: c||5|hello|0|T: x||"
                .replace("|", "\r\n");
        int refused = 0;
        for (int round = 0; round < 5_000; round++) {
            StringBuilder broken = new StringBuilder(whole);
            for (int change = 1 + random.nextInt(3); change > 0; change--) {
                broken.setCharAt(random.nextInt(broken.length()), (char) random.nextInt(256));
            }
            try {
                Passed passed = read(HttpMethod.GET, broken.toString(), random.nextInt(broken.length()));
                assertThat(broken.toString()).contains(passed.text());
            } catch (BadResponseException bad) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1_000);
    }
}
