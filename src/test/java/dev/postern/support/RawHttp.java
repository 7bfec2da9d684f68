package dev.postern.support;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Speaks HTTP/1.1 byte by byte, because tests send what a well-behaved client would not. */
public final class RawHttp {
    /** Far above what any call takes on a busy machine. */
    private static final int READ_LIMIT_MILLIS = 60_000;

    private RawHttp() {}

    /** A reply. */
    public record Reply(int status, Map<String, List<String>> headers, byte[] body) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        public JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }

        /** The value of the header, or an empty text. */
        public String header(String name) {
            return String.join(", ", headers.getOrDefault(name, List.of()));
        }

        public String reason() {
            return json().required("reason").stringValue();
        }
    }

    /** Sends a request on a connection of its own. */
    public static Reply call(int port, String method, String target, String body, String... headerLines) {
        return call(port, method, target, body.getBytes(StandardCharsets.UTF_8), headerLines);
    }

    public static Reply call(int port, String method, String target, byte[] body, String... headerLines) {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
        boolean hasHost = false;
        for (String line : headerLines) {
            head.append(line).append("\r\n");
            hasHost |= line.regionMatches(true, 0, "host:", 0, 5);
        }
        if (!hasHost) {
            head.append("Host: gate.test\r\n");
        }
        if (body.length > 0) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        head.append("\r\n");
        byte[] headBytes = head.toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[headBytes.length + body.length];
        System.arraycopy(headBytes, 0, all, 0, headBytes.length);
        System.arraycopy(body, 0, all, headBytes.length, body.length);
        return exchange(port, all, !method.equals("HEAD"));
    }

    /** Sends these bytes and reads one reply. */
    public static Reply exchange(int port, byte[] request) {
        return exchange(port, request, true);
    }

    private static Reply exchange(int port, byte[] request, boolean hasBody) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(READ_LIMIT_MILLIS);
            SuiteOutput.sent(request);
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            Received received = new Received(socket.getInputStream());
            try {
                Reply reply = read(received, hasBody);
                SuiteOutput.received(reply.body());
                return reply;
            } catch (SocketTimeoutException silence) {
                throw new IOException("nothing more came after " + received + StalledGate.describe(port), silence);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Remembers the end of what was read, to show where a reply has stopped. */
    private static final class Received extends FilterInputStream {
        private static final int SHOWN = 300;

        private final byte[] last = new byte[SHOWN];
        private long count;

        Received(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            if (b >= 0) {
                last[(int) (count++ % SHOWN)] = (byte) b;
            }
            return b;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            for (int i = 0; i < read; i++) {
                last[(int) (count++ % SHOWN)] = into[offset + i];
            }
            return read;
        }

        @Override
        public String toString() {
            StringBuilder end = new StringBuilder(count + " bytes: …");
            for (long i = Math.max(0, count - SHOWN); i < count; i++) {
                end.append((char) (last[(int) (i % SHOWN)] & 0xff));
            }
            return end.toString();
        }
    }

    public static Reply read(InputStream in, boolean hasBody) throws IOException {
        String statusLine = line(in);
        int status = Integer.parseInt(statusLine.split(" ", -1)[1]);
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.computeIfAbsent(line.substring(0, colon), _ -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        if (status == 100) {
            return read(in, hasBody);
        }
        return new Reply(status, headers,
                hasBody && status != 204 && status != 304 && status != 101 ? body(in, headers) : new byte[0]);
    }

    private static byte[] body(InputStream in, Map<String, List<String>> headers) throws IOException {
        if (headers.containsKey("Content-Length")) {
            int length = Integer.parseInt(headers.get("Content-Length").getFirst());
            byte[] body = in.readNBytes(length);
            if (body.length < length) {
                throw new IOException("the connection ended within a body");
            }
            return body;
        }
        if (!headers.containsKey("Transfer-Encoding")) {
            return in.readAllBytes();
        }
        return chunks(in);
    }

    /** A body in chunks, to its end. */
    public static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
            body.write(in.readNBytes(size));
            line(in);
        }
        line(in);
        return body.toByteArray();
    }

    public static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the connection ended within a line: '" + line + "'");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }
}
