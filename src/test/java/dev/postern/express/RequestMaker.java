package dev.postern.express;

import dev.postern.express.Exchange.Ask;
import dev.postern.express.Exchange.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Makes requests for one API of the catalogue. */
final class RequestMaker {
    static final List<String> APIS = List.of("devices", "datastreams", "datapoints", "commands");
    private static final String[][] CALLS = {
            {"GET /devices/lamp", "GET /devices/lamp", "HEAD /devices/lamp", "PUT /devices/lamp", "GET /devices/victim",
                    "GET /devices/7?x=%41%2f&y=a+b&z", "GET /devices/status?devIds=lamp,7", "GET /devices",
                    "POST /devices", "DELETE /devices/lamp", "GET /devices/lamp?", "GET /devices/lamp?a=b?c&&d=",
                    "PUT /devices/7?q=%C3%A4", "OPTIONS /devices/lamp", "PATCH /devices/lamp", "GET /devices/half"},
            {"GET /devices/lamp/datastreams", "GET /devices/half/datastreams?datastream_ids=gps",
                    "GET /devices/half/datastreams?datastream_ids=gps,temp", "POST /devices/lamp/datastreams",
                    "POST /devices/half/datastreams", "GET /devices/half/datastreams/gps",
                    "PUT /devices/half/datastreams/gps",
                    "PUT /devices/lamp/datastreams/a", "DELETE /devices/lamp/datastreams/a",
                    "HEAD /devices/lamp/datastreams",
                    "DELETE /devices/half/datastreams/gps", "GET /devices/half/datastreams/temp"},
            {"GET /devices/lamp/datapoints?datastream_id=gps&start=2020-01-01T00:00:00", "GET /devices/lamp/datapoints",
                    "GET /devices/half/datapoints?datastream_id=gps", "POST /devices/lamp/datapoints",
                    "POST /devices/lamp/datapoints?type=3", "POST /devices/half/datapoints",
                    "POST /devices/half/datapoints",
                    "POST /devices/victim/datapoints", "DELETE /devices/lamp/datapoints?datastream_id=a",
                    "HEAD /devices/half/datapoints?datastream_id=gps", "PATCH /devices/lamp/datapoints"},
            {"POST /cmds?device_id=lamp", "POST /cmds?device_id=lamp&timeout=5", "POST /cmds?device_id=victim",
                    "GET /cmds/history/lamp", "GET /cmds/history/7?page=1", "HEAD /cmds/history/lamp", "GET /cmds/abc",
                    "POST /cmds", "POST /cmds?device_id=lamp&device_id=7", "GET /cmds/history/half"}};
    /** The at sign stands for the target of the call, because each worker must stay with its own API. */
    private static final String[] ODD_TARGETS = {"/nope", "/", "*", "/actuator/health", "/console",
            "http://other.test@",
            "@;x=y", "@#f", "@?x={y}", "@?%zz", "@?a=%00", "@?q=\"x\"", "/@", "@/", "@%2fx", "@/../x", "@\u00e4",
            "@{x}", "@ x"};
    private static final String[] PLAIN = {"Accept: */*", "User-Agent: test/1.0", "Content-Type: application/json",
            "Accept-Encoding: gzip, deflate", "X-A: 1", "x-a: 2", "X-A:", "Cookie: a=1; b=2",
            "cookie: postern-session=x; c=3",
            "Cookie: a=1;b=2", "X_Under: 1", "X.Dot: 1", "X-Forwarded-For: 10.0.0.1", "X-Forwarded-Proto: https",
            "X-Forwarded-Host: other", "Forwarded: for=1.2.3.4", "X-Postern-Device: forged",
            "X-Postern-Account: forged",
            "x-postern-lane: chain", "X-Real-IP: 1.1.1.1", "Keep-Alive: timeout=5", "Proxy-Authorization: x",
            "X-HTTP-Method-Override: DELETE", "Connection: keep-alive", "Connection: Keep-Alive", "Via: 1.1 x",
            "If-None-Match: \"x\"", "Range: bytes=0-1", "Origin: https://page.test", "X-Blank:    a  b    ", "Proxy: x",
            "x_forwarded_for: 9.9.9.9", "Max-Forwards: 3", "Content-Encoding: gzip", "X-Request-ID: 5", "From: a@b",
            "Accept: text/html", "accept: text/plain", "x-application-context: a", "Proxy-Authenticate: x", "Cookie:",
            "Referer: http://a/?b=\"c\"", "X!#$%&'*+-.^_`|~: odd", "Content-Location: /x", "Sec-WebSocket-Key: x",
            "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA", "Access-Control-Request-Method: PUT", "X-Http2-Stream-Id: 5"};
    private static final String[] ODD = {"Connection: X-A", "Connection: close, X-A", "Connection: TE\r\nTE: trailers",
            "TE: trailers", "Trailer: X-T", "Host: second.test", "X-Tab:\ta\t", "X-Latin: \u00e4\u00ff", "X Y: 1",
            "X : 1",
            "Expect: 100-continue", "Expect: nonsense", "Proxy-Connection: close", "Upgrade: h2c", "X-Fold: a\r\n b",
            "Connection: keep-alive\r\nConnection: keep-alive", "Connection: upgrade", "X: a\u0000b", ": x",
            "Connection:",
            "Connection: content-type, x-a, api-key", "Upgrade: websocket\r\nConnection: Upgrade"};
    private static final String[] BREAKS = {"x\r\n", "5\r\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n",
            "3\nabc\r\n0\r\n\r\n",
            "-1\r\n", "0\r\nX y: 1\r\n\r\n", "3;\u0001\r\nabc\r\n0\r\n\r\n", "\r\n", "fffffffff\r\n",
            "3;a=\u00e4\r\nabc\r\n"};

    private final Random random;
    private final int api;
    private final List<String> keys;
    private final ReplyMaker replies;

    /** @param keys of the account; the last one permits only one stream of one of its devices */
    RequestMaker(Random random, int api, List<String> keys) {
        this.random = random;
        this.api = api;
        this.keys = keys;
        this.replies = new ReplyMaker(random);
    }

    /** @param last whether no request is pipelined behind this one, so that it may break off */
    Ask next(String id, boolean last) {
        String[] call = pick(CALLS[api]).split(" ", 2);
        boolean odd = random.nextInt(9) == 0;
        String method = call[0];
        String target = odd && random.nextInt(4) == 0 ? pick(ODD_TARGETS).replace("@", call[1]) : call[1];
        StringBuilder head = new StringBuilder(method + " " + target
                + (odd && random.nextInt(8) == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n"));
        if (!odd || random.nextInt(10) > 0) {
            head.append(random.nextInt(8) == 0 ? "host:  gate.test:80 \r\n" : "Host: gate.test\r\n");
        }
        head.append("X-Exchange: ").append(id).append("\r\n").append(credential());
        for (int line = random.nextInt(4); line > 0; line--) {
            head.append(pick(PLAIN)).append("\r\n");
        }
        if (odd && random.nextBoolean()) {
            head.append(pick(ODD)).append("\r\n");
        }
        if (last && random.nextInt(8) == 0) {
            head.append(random.nextBoolean() ? "Connection: close\r\n" : "connection: Close\r\n");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Kind kind = body(head, out, method, odd, last, call[1].contains("half"));
        byte[] bytes = out.toByteArray();
        if (kind == Kind.BROKEN_OFF) {
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length - 1) + 1);
        }
        return new Ask(id, method, bytes, kind, replies.next(method, kind == Kind.WHOLE, last));
    }

    /** A request that every working connection can carry. */
    Ask probe(String id) {
        String call = CALLS[api][api == 3 ? 3 : 0];
        byte[] bytes = latin(
                call + " HTTP/1.1\r\nHost: gate.test\r\nX-Exchange: " + id + "\r\napi-key: " + keys.getFirst()
                        + "\r\n\r\n");
        return new Ask(id, "GET", bytes, Kind.WHOLE, new Exchange.Reply(false,
                List.of(latin("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nprobe")), Exchange.Ending.KEPT, true));
    }

    private String credential() {
        return switch (random.nextInt(14)) {
            case 0 -> "";
            case 1 -> "api-key: unknown\r\n";
            case 2 -> "Authorization: Bearer " + keys.getFirst() + "\r\n";
            case 3 -> "api-key: " + keys.getFirst() + "\r\nAPI-KEY: " + keys.getFirst() + "\r\n";
            case 4, 5, 6 -> "api-key: " + keys.getLast() + "\r\n";
            default -> "api-key: " + keys.getFirst() + "\r\n";
        };
    }

    private Kind body(StringBuilder head, ByteArrayOutputStream out, String method, boolean odd, boolean last,
            boolean readable) {
        boolean usual = method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
        int framing = usual ? random.nextInt(9) : random.nextInt(12) == 0 ? random.nextInt(9) : 0;
        if (framing == 0) {
            put(out, head + "\r\n");
            return Kind.WHOLE;
        }
        byte[] data = readable && random.nextInt(8) > 0
                ? json()
                : data(random, random.nextInt(8) == 0 ? 100_000 : random.nextInt(4) == 0 ? 6_000 : 200);
        if (framing < 5) {
            byte[] sent = framing == 1 ? new byte[0] : data;
            put(out, head + (odd && random.nextInt(6) == 0 ? "Content-Length: 0" : "Content-Length: ") + sent.length
                    + "\r\n\r\n");
            out.writeBytes(sent);
        } else {
            put(out, head + (odd && random.nextInt(5) == 0
                    ? pick(new String[]{"Transfer-Encoding: Chunked", "Transfer-Encoding: gzip, chunked",
                            "Transfer-Encoding: chunked\r\nContent-Length: 5", "Transfer-Encoding: chunked\r\n"
                                    + "Transfer-Encoding: chunked",
                            "Transfer-Encoding: identity"})
                    : "Transfer-Encoding: chunked") + "\r\n\r\n");
            if (last && random.nextInt(12) == 0) {
                if (random.nextBoolean()) {
                    out.writeBytes(latin("4\r\ngood\r\n"));
                }
                put(out, pick(BREAKS));
                return Kind.BROKEN;
            }
            chunks(out, data, random);
        }
        return last && random.nextInt(12) == 0 ? Kind.BROKEN_OFF : Kind.WHOLE;
    }

    private byte[] json() {
        String stream = random.nextInt(4) == 0 ? "temp" : "gps";
        return latin(api == 1
                ? "{\"id\":\"" + stream + "\",\"unit\":\"x\"}"
                : "{\"datastreams\":[{\"id\":\"" + stream + "\",\"datapoints\":[{\"value\":1}]}]}");
    }

    static byte[] data(Random random, int most) {
        byte[] data = new byte[random.nextInt(most) + 1];
        int step = random.nextInt(250) + 1;
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) ('!' + ((i * step) >> 3) % 90);
        }
        return data;
    }

    /** Writes the data in chunks of random sizes, some with extensions, and perhaps trailers. */
    static void chunks(ByteArrayOutputStream out, byte[] data, Random random) {
        int at = 0;
        while (at < data.length) {
            int now = Math.min(data.length - at, 1 + random.nextInt(data.length > 5_000 ? 20_000 : 120));
            String size = random.nextInt(6) == 0
                    ? "00" + Integer.toHexString(now).toUpperCase(Locale.ROOT)
                    : Integer.toHexString(now);
            put(out, size + (random.nextInt(8) == 0 ? ";a=\"b;c\";d" : "") + "\r\n");
            out.write(data, at, now);
            put(out, "\r\n");
            at += now;
        }
        put(out, "0" + (random.nextInt(10) == 0 ? " ;x=y" : "") + "\r\n"
                + (random.nextInt(8) == 0 ? "X-Trailer: 1\r\nx-other:\r\n" : "") + "\r\n");
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
