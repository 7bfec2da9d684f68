package dev.postern.express;

import dev.postern.wire.ResponseHead;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Writes the head of the response for the client: the backend's, without what concerns only its connection. */
final class ClientHead {
    private static final byte[] VERSION = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "transfer-encoding: chunked\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "connection: close\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATE = "date: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NO_BYTES = "content-length: 0\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int NO_CONTENT = 204;
    private static final int RESET_CONTENT = 205;
    private static final int NOT_MODIFIED = 304;
    private static final String CONNECTION = "connection";
    private static final String DATE_NAME = "date";
    private static final String CONTENT_TYPE = "content-type";
    private static final String EVENT_STREAM = "text/event-stream";

    private ClientHead() {}

    /** Names of headers that are not passed on, by their length: a first look at the length spares most comparisons. */
    static final class Dropped {
        private static final int LONGEST = 64;

        private final String[][] byLength = new String[LONGEST][];

        /** @param names in lower case */
        Dropped(Set<String> names) {
            for (int length = 0; length < LONGEST; length++) {
                int same = length;
                byLength[length] = names.stream().map(name -> name.toLowerCase(Locale.ROOT))
                        .filter(name -> name.length() == same).toArray(String[]::new);
            }
        }

        boolean contains(byte[] bytes, int from, int to) {
            if (to - from >= LONGEST) {
                return false;
            }
            for (String name : byLength[to - from]) {
                if (Bytes.equalsIgnoringCase(bytes, from, to, name)) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * Copies a head, except for its end.
     *
     * @param toHead whether it answers a HEAD
     * @param close  whether the connection closes after this response
     * @param date   the present time, for a response without a {@code Date}
     * @return whether the body is sent in chunks
     */
    static boolean write(HeadWriter out, byte[] head, int size, ResponseHead parsed, Dropped dropped, boolean toHead,
            boolean close, AsciiString date) {
        int status = parsed.status();
        status(out, status);
        boolean empty = isAlwaysEmpty(status) && !(toHead && status == NOT_MODIFIED);
        boolean sized = false;
        Set<String> nominated = nominated(head, size, dropped);
        boolean dated = false;
        int end = size - 2;
        int next;
        for (int line = nextLine(head, 0, end); line < end; line = next) {
            next = nextLine(head, line, end);
            int colon = colon(head, line);
            if (dropped.contains(head, line, colon)
                    || (!nominated.isEmpty() && nominated.contains(name(head, line, colon)))) {
                continue;
            }
            boolean length = Bytes.equalsIgnoringCase(head, line, colon, "content-length");
            if (length && empty) {
                continue;
            }
            sized |= length;
            dated |= Bytes.equalsIgnoringCase(head, line, colon, DATE_NAME);
            int from = afterBlanks(head, colon + 1, next - 2);
            int to = beforeBlanks(head, from, next - 2);
            out.put(head, line, colon - line).put(':').put(' ').put(head, from, to - from).endLine();
        }
        // The chain announces chunks to a HEAD, too, unless there is a length.
        boolean chunked = !sized && !empty;
        if (chunked) {
            out.put(CHUNKED);
        } else if (status == RESET_CONTENT) {
            out.put(NO_BYTES);
        }
        if (close) {
            out.put(CLOSE);
        }
        if (!dated) {
            date(out, date);
        }
        return chunked && !toHead;
    }

    /** Where the line after this one begins. */
    private static int nextLine(byte[] head, int line, int end) {
        int at = line;
        while (at < end && head[at] != '\n') {
            at++;
        }
        return Math.min(at + 1, end);
    }

    private static int colon(byte[] head, int line) {
        int at = line;
        while (head[at] != ':') {
            at++;
        }
        return at;
    }

    /** Whether a response with this status never has a body, whatever the backend sends. */
    static boolean isAlwaysEmpty(int status) {
        return status == NO_CONTENT || status == RESET_CONTENT || status == NOT_MODIFIED;
    }

    /**
     * The headers that {@code Connection} names and that are not dropped anyway (RFC 9110, section 7.6.1), in lower
     * case.
     */
    private static Set<String> nominated(byte[] head, int size, Dropped dropped) {
        Set<String> names = Set.of();
        int end = size - 2;
        int next;
        for (int line = nextLine(head, 0, end); line < end; line = next) {
            next = nextLine(head, line, end);
            int colon = line + CONNECTION.length();
            if (colon < next && head[colon] == ':' && Bytes.equalsIgnoringCase(head, line, colon, CONNECTION)) {
                int from = afterBlanks(head, colon + 1, next - 2);
                if (dropped.contains(head, from, beforeBlanks(head, from, next - 2))) {
                    // Mostly keep-alive.
                    continue;
                }
                if (names.isEmpty()) {
                    names = new HashSet<>();
                }
                for (String option : name(head, colon + 1, next).split(",", -1)) {
                    names.add(option.strip());
                }
            }
        }
        return names;
    }

    private static String name(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    }

    /** Writes the status line. */
    static void status(HeadWriter out, int status) {
        HttpResponseStatus known = HttpResponseStatus.valueOf(status);
        AsciiString code = known.codeAsText();
        out.put(VERSION).put(code.array(), code.arrayOffset(), code.length()).put(' ').put(known.reasonPhrase())
                .endLine();
    }

    static void date(HeadWriter out, AsciiString date) {
        out.put(DATE).put(date.array(), date.arrayOffset(), date.length()).endLine();
    }

    static void close(HeadWriter out) {
        out.put(CLOSE);
    }

    /** Whether the response is a stream of events, which may last for days. */
    static boolean isEventStream(byte[] head, int size) {
        int end = size - 2;
        int next;
        for (int line = nextLine(head, 0, end); line < end; line = next) {
            next = nextLine(head, line, end);
            int colon = line + CONTENT_TYPE.length();
            if (colon < next && head[colon] == ':' && Bytes.equalsIgnoringCase(head, line, colon, CONTENT_TYPE)) {
                int from = afterBlanks(head, colon + 1, next - 2);
                return next - from > EVENT_STREAM.length()
                        && Bytes.equalsIgnoringCase(head, from, from + EVENT_STREAM.length(), EVENT_STREAM);
            }
        }
        return false;
    }

    private static int afterBlanks(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && isBlank(bytes[at])) {
            at++;
        }
        return at;
    }

    private static int beforeBlanks(byte[] bytes, int from, int to) {
        int at = to;
        while (at > from && isBlank(bytes[at - 1])) {
            at--;
        }
        return at;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }
}
