package dev.postern.express;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Makes heads of requests: most of them in the plain form, and heads that differ from it in a few bytes. */
final class HeadMaker {
    private static final String[] METHODS = {"GET", "GET", "GET", "HEAD", "PUT", "POST", "POST", "DELETE", "PATCH",
            "OPTIONS"};
    private static final String[] ODD_METHODS = {"get", "GETX", "TRACE", "CONNECT", "PRI", "G", "", "P OST", "GE\tT"};
    private static final String[] TARGETS = {"/", "/devices/7", "/devices/7/datastreams/temp?a=1&b=%20",
            "/devices/7/datapoints?datastream_id=a,b", "//x", "/a/../b", "/%41%zz", "/%", "/a%4", "/a;b", "/a#b", "*",
            "http://other/x", "/a\"b", "/a{b}", "/\u00e4", "/?", "/?&&=", "/a b", "/x'y", "/-._~!$()*+,:@/?&=%2f"};
    private static final String[] NAMES = {"Accept", "api-key", "X-A", "x_b", "X.C", "Cookie", "Content-Type", "TE",
            "Expect", "Trailer", "Upgrade", "Proxy-Connection", "Host", "Connection", "Content-Length",
            "Transfer-Encoding", "Keep-Alive", "!#$%&'*+-.^_`|~09azAZ", "X Y", "", "X\u00e4",
            "X-Long-" + "n".repeat(90),
            "Sec-WebSocket-Key", "HTTP2-Settings", "content_length", "X\"Y", "X(Y)"};
    private static final String[] VALUES = {"", "a", "a b", " a", "a ", "  a  ", "\ta", "a\tb", "a\t", "5", "05", "+5",
            "-1", "0", "5, 5", "5,6", "0x5", "chunked", "Chunked", "gzip, chunked", "chunked, chunked", "identity",
            "keep-alive", "Keep-Alive", "close", "CLOSE", "close, X-A", "X-A", "upgrade", "TE", "100-continue",
            "\u00e4\u00f6", "a:b", "\"quoted, text\"", "\\", "\u007f", "a\u0000b", "a\u0001b", "999999999999999",
            "9999999999999999", "v".repeat(300), "gate.test", "gate.test:8080", "[::1]", "a,b"};
    private static final String[] INSERTS = {"\r", "\n", "\r\n", "\u0000", " ", "\t", ":", "\r\n ", "\r\n\t", "\n\n",
            "\u000b", "\u000c", "\u0085", "\u00a0", "\u00ff", "\u0080", "\r\r\n", "\r\n\r\n", "\n ", ": ", " :", ",",
            "%",
            "\"", "HTTP/1.1", "\r\nHost: b", "\r\nContent-Length: 3", "\r\nTransfer-Encoding: chunked"};

    private final Random random;

    HeadMaker(Random random) {
        this.random = random;
    }

    /** A head that may be plain, before any mutation. */
    byte[] next() {
        StringBuilder head = new StringBuilder();
        head.append(random.nextInt(30) == 0 ? pick(ODD_METHODS) : pick(METHODS)).append(' ').append(target())
                .append(random.nextInt(30) == 0
                        ? pick(new String[]{" HTTP/1.0", " HTTP/1.2", " http/1.1", "", " HTTP/2.0",
                                "  HTTP/1.1", " HTTP/1.1 ", "\tHTTP/1.1"})
                        : " HTTP/1.1")
                .append(end());
        int hostAt = random.nextInt(4);
        int lines = random.nextInt(8);
        for (int line = 0; line <= Math.max(lines, hostAt); line++) {
            if (line == hostAt && random.nextInt(20) > 0) {
                head.append(random.nextBoolean() ? "Host: gate.test" : "host:127.0.0.1:8080").append(end());
            }
            if (line < lines) {
                head.append(line()).append(end());
            }
        }
        framing(head);
        return head.append(end()).toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private void framing(StringBuilder head) {
        switch (random.nextInt(8)) {
            case 0 -> head.append("Content-Length: ").append(random.nextInt(300)).append(end());
            case 1 -> head.append("transfer-encoding: chunked").append(end());
            case 2 -> head.append("Connection: ").append(pick(VALUES)).append(end());
            default -> {
            }
        }
    }

    private String target() {
        return random.nextInt(4) == 0 ? pick(TARGETS) : TARGETS[random.nextInt(4)];
    }

    private String line() {
        boolean odd = random.nextInt(12) == 0;
        String name = odd ? pick(NAMES) : NAMES[random.nextInt(7)];
        String value = odd ? pick(VALUES) : VALUES[random.nextInt(6)];
        return name + pick(new String[]{":", ": ", ":  ", ": "}) + value;
    }

    private String end() {
        return random.nextInt(400) == 0 ? pick(new String[]{"\n", "\r", "\r\r\n", "\n\r\n"}) : "\r\n";
    }

    /** The head with one to three changes. */
    byte[] mutate(byte[] head) {
        byte[] mutated = head;
        for (int change = 1 + random.nextInt(3); change > 0; change--) {
            mutated = mutateOnce(mutated);
        }
        return mutated;
    }

    private byte[] mutateOnce(byte[] head) {
        int at = random.nextInt(head.length + 1);
        return switch (random.nextInt(6)) {
            case 0 -> with(head, at, at, new byte[]{(byte) random.nextInt(256)});
            case 1 -> with(head, at, Math.min(head.length, at + 1), new byte[]{(byte) random.nextInt(256)});
            case 2 -> with(head, at, Math.min(head.length, at + 1 + random.nextInt(4)), new byte[0]);
            case 3 -> {
                int from = random.nextInt(head.length + 1);
                yield with(head, at, at,
                        Arrays.copyOfRange(head, from, Math.min(head.length, from + random.nextInt(40))));
            }
            case 4 -> flipCase(head, at);
            default -> with(head, at, at, pick(INSERTS).getBytes(StandardCharsets.ISO_8859_1));
        };
    }

    private static byte[] flipCase(byte[] head, int at) {
        byte[] flipped = head.clone();
        if (at < head.length) {
            flipped[at] ^= 0x20;
        }
        return flipped;
    }

    private static byte[] with(byte[] head, int from, int to, byte[] instead) {
        byte[] changed = new byte[head.length - (to - from) + instead.length];
        System.arraycopy(head, 0, changed, 0, from);
        System.arraycopy(instead, 0, changed, from, instead.length);
        System.arraycopy(head, to, changed, from + instead.length, head.length - to);
        return changed;
    }

    private String pick(String[] from) {
        return from[random.nextInt(from.length)];
    }
}
