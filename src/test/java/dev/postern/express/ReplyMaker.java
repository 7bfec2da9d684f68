package dev.postern.express;

import dev.postern.express.Exchange.Ending;
import dev.postern.express.Exchange.Reply;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes answers of backends: ordinary ones, odd ones, and broken ones. */
final class ReplyMaker {
    private static final String[] STATUSES = {"200 OK", "200 OK", "200 OK", "200 Whatever", "201 Created", "200",
            "200 ",
            "404 Not Found", "500 Internal Server Error", "302 Found", "418 I'm a teapot", "599 Odd", "204 No Content",
            "304 Not Modified", "206 Partial Content", "401 Unauthorized"};
    private static final String[] USUAL = {"Content-Type: application/json", "Server: test", "X-A: 1",
            "Date: Tue, 15 Nov 1994 08:12:31 GMT", "Cache-Control: no-store", "ETag: \"x\""};
    private static final String[] ODD = {"Connection: X-Hop\r\nX-Hop: 1\r\nX-Stays: 1", "Keep-Alive: timeout=5",
            "Connection: keep-alive", "Connection: close", "connection: CLOSE", "Proxy-Authenticate: Basic",
            "TE: trailers",
            "Trailer: X-T", "Upgrade: h2c", "Connection: Upgrade\r\nUpgrade: websocket",
            "Set-Cookie: a=1\r\nSet-Cookie: b=2",
            "X-Dup: 1\r\nx-dup: 2\r\nX-Dup: 1", "X-Empty:", "X-Blank:   \t a \t b \t ", "X-Latin: \u00e4\u00ff",
            "X-Long: " + "v".repeat(3000), "X-Postern-Device: forged", "X-Postern-Lane: forged",
            "Content-Encoding: gzip",
            "Access-Control-Allow-Origin: *", "WWW-Authenticate: Basic realm=\"x\"", "Content-Type: text/event-stream",
            "content-type: Text/Event-Stream; charset=utf-8", "Content-Type: text/plain\r\nContent-Type: text/html",
            "Proxy-Authorization: x", "Connection: close, X-Hop\r\nX-Hop: 1",
            "Connection: X-Hop\r\nConnection: x-two\r\n"
                    + "X-Two: 2\r\nX-Hop: 1",
            "Retry-After: 7", "Vary: Accept", "Vary: *\r\nvary: origin", "Location: /x?y",
            "Connection: Content-Type\r\nContent-Type: text/plain", "Connection: Date", "Date:", "Date: a\r\nDate: b",
            "X!#$%&'*+-.^_`|~: odd", "Content-Location: /a", "Proxy-Connection: keep-alive", "Connection:",
            "Warning: 110 x", "x-application-context: a", "Connection: content-length", "Age: 0"};
    private static final String[] BAD = {"garbage\r\n\r\n", "HTTP/1.1 200 OK\nX: y\n\n", "HTTP/2 200 OK\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nX y\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
            "HTTP/1.1 200 OK\r\nContent-Length: 01\r\n\r\na", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: a\u0000b\r\n\r\n",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX : y\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n: y\r\n\r\n", "",
            "HTTP/1.1 200 OK\r\nX: " + "v".repeat(40_000) + "\r\n\r\n"};
    private static final String[] CHUNK_BREAKS = {"5\r\nabc\r\n0\r\n\r\n", "x\r\n", "3\r\nabcd\r\n0\r\n\r\n", "-1\r\n",
            "3\r\nabc\n0\r\n\r\n", "0\r\nX y\r\n\r\n", "3;a=\u00e4\r\nabc\r\n0\r\n\r\n", "fffffffff\r\nabc"};

    private final Random random;

    ReplyMaker(Random random) {
        this.random = random;
    }

    /**
     * @param whole whether the request reaches the backend completely
     * @param last  whether no request is pipelined behind this one: such a request might meet the end of the connection
     * to the backend
     */
    Reply next(String method, boolean whole, boolean last) {
        boolean early = whole && last && random.nextInt(25) == 0;
        int kind = last ? random.nextInt(40) : 40;
        if (kind == 0) {
            byte[] bad = latin(pick(BAD));
            return new Reply(early, List.of(bad), random.nextBoolean() ? Ending.CLOSED : Ending.RESET, false);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (random.nextInt(20) == 0) {
            put(out, pick(new String[]{"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
                    "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"}));
        }
        boolean old = random.nextInt(15) == 0;
        String status = pick(STATUSES);
        put(out, (old ? "HTTP/1.0 " : "HTTP/1.1 ") + status + "\r\n");
        headers(out);
        boolean empty = method.equals("HEAD") || status.startsWith("204") || status.startsWith("304");
        return body(out, early, old, empty, last ? kind : -1);
    }

    private void headers(ByteArrayOutputStream out) {
        for (int line = random.nextInt(4); line > 0; line--) {
            put(out, pick(USUAL) + "\r\n");
        }
        if (random.nextInt(3) == 0) {
            for (int line = 1 + random.nextInt(2); line > 0; line--) {
                put(out, pick(ODD) + "\r\n");
            }
        }
    }

    private Reply body(ByteArrayOutputStream out, boolean early, boolean old, boolean empty, int kind) {
        byte[] data = RequestMaker.data(random,
                random.nextInt(12) == 0 ? 200_000 : random.nextInt(5) == 0 ? 9_000 : 300);
        boolean whole = true;
        Ending ending = kind >= 0 && (old || random.nextInt(15) == 0) ? Ending.CLOSED : Ending.KEPT;
        switch (old ? random.nextInt(2) : random.nextInt(4)) {
            case 0 -> {
                put(out, random.nextBoolean() || !empty ? "Content-Length: " + data.length + "\r\n\r\n" : "\r\n");
                out.writeBytes(empty ? new byte[0] : data);
            }
            case 1 -> {
                put(out, "\r\n");
                out.writeBytes(empty ? new byte[0] : data);
                ending = empty ? ending : Ending.CLOSED;
            }
            default -> {
                put(out, "Transfer-Encoding: chunked\r\n\r\n");
                if (!empty && kind == 1) {
                    RequestMaker.chunks(out, data, random);
                    byte[] start = Arrays.copyOf(out.toByteArray(), Math.max(0, out.size() - 8));
                    out.reset();
                    out.writeBytes(start);
                    put(out, pick(CHUNK_BREAKS));
                    whole = false;
                    ending = Ending.CLOSED;
                } else if (!empty) {
                    RequestMaker.chunks(out, data, random);
                }
            }
        }
        byte[] bytes = out.toByteArray();
        if (kind == 2) {
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            ending = random.nextBoolean() ? Ending.CLOSED : Ending.RESET;
            whole = false;
        } else if (kind == 3) {
            put(out, pick(new String[]{"x", "\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"}));
            bytes = out.toByteArray();
        } else if (kind == 4 && ending == Ending.KEPT) {
            ending = Ending.RESET;
        }
        return new Reply(early, parts(bytes), ending, whole);
    }

    private List<byte[]> parts(byte[] bytes) {
        List<byte[]> parts = new ArrayList<>();
        int at = 0;
        for (int cut = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0; cut > 0; cut--) {
            int to = at + random.nextInt(Math.min(bytes.length - at, 600) + 1);
            parts.add(Arrays.copyOfRange(bytes, at, to));
            at = to;
        }
        parts.add(Arrays.copyOfRange(bytes, at, bytes.length));
        return parts;
    }

    private static void put(ByteArrayOutputStream out, String text) {
        out.writeBytes(latin(text));
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private String pick(String[] from) {
        return from[random.nextInt(from.length)];
    }
}
