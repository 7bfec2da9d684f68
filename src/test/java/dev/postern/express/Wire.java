package dev.postern.express;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Reads messages from a stream. */
final class Wire {
    private Wire() {}

    /**
     * The body of a message.
     *
     * @param whole whether it arrived to its end
     */
    record Body(byte[] data, boolean whole) {}

    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException(line.toString());
            }
            line.append((char) b);
        }
        if (line.isEmpty() || line.charAt(line.length() - 1) != '\r') {
            throw new AssertionError("a line ends without CR: " + line);
        }
        line.setLength(line.length() - 1);
        return line.toString();
    }

    static Map<String, List<String>> headers(InputStream in) throws IOException {
        Map<String, List<String>> headers = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        return headers;
    }

    /** @param untilClose whether a body without a length lasts until the connection is closed */
    static Body body(InputStream in, Map<String, List<String>> headers, boolean untilClose) throws IOException {
        List<byte[]> parts = new ArrayList<>();
        boolean whole;
        try {
            if (headers.containsKey("transfer-encoding")) {
                whole = chunks(in, parts);
            } else if (headers.containsKey("content-length")) {
                int length = Integer.parseInt(headers.get("content-length").getFirst());
                whole = read(in, length, parts);
            } else if (untilClose) {
                read(in, Integer.MAX_VALUE, parts);
                whole = true;
            } else {
                whole = true;
            }
        } catch (EOFException | SocketException broken) {
            whole = false;
        }
        byte[] data = new byte[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, data, at, part.length);
            at += part.length;
        }
        return new Body(data, whole);
    }

    private static boolean chunks(InputStream in, List<byte[]> parts) throws IOException {
        for (int size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
            if (!read(in, size, parts)) {
                return false;
            }
            line(in);
        }
        while (!line(in).isEmpty()) {
            // Skips the trailers.
        }
        return true;
    }

    private static boolean read(InputStream in, int length, List<byte[]> parts) throws IOException {
        int left = length;
        while (left > 0) {
            byte[] part = new byte[Math.min(left, 16 * 1024)];
            int count = in.read(part);
            if (count < 0) {
                return false;
            }
            parts.add(Arrays.copyOf(part, count));
            left -= count;
        }
        return true;
    }
}
