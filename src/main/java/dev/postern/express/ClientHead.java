package dev.postern.express;

import dev.postern.wire.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
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
    private static final short CRLF = 0x0d0a;
    private static final short COLON = 0x3a20;
    private static final String CONNECTION = "connection";
    private static final String DATE_NAME = "date";
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

        boolean contains(ByteBuf bytes, int from, int to) {
            if (to - from >= LONGEST) {
                return false;
            }
            for (String name : byLength[to - from]) {
                if (isNamed(bytes, from, to, name)) {
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
    static boolean write(ByteBuf out, ByteBuf head, ResponseHead parsed, Dropped dropped, boolean toHead, boolean close,
            AsciiString date) {
        int status = parsed.status();
        status(out, status);
        boolean empty = isAlwaysEmpty(status) && !(toHead && status == NOT_MODIFIED);
        boolean sized = false;
        Set<String> nominated = nominated(head);
        boolean dated = false;
        int end = head.writerIndex() - 2;
        int line = head.indexOf(head.readerIndex(), end, (byte) '\n') + 1;
        while (line < end) {
            int next = head.indexOf(line, end, (byte) '\n') + 1;
            int colon = head.indexOf(line, next, (byte) ':');
            if (!dropped.contains(head, line, colon)
                    && (nominated.isEmpty() || !nominated.contains(name(head, line, colon)))) {
                boolean length = isNamed(head, line, colon, "content-length");
                if (length && empty) {
                    line = next;
                    continue;
                }
                sized |= length;
                dated |= isNamed(head, line, colon, DATE_NAME);
                int from = afterBlanks(head, colon + 1, next - 2);
                int to = beforeBlanks(head, from, next - 2);
                out.writeBytes(head, line, colon - line).writeShort(COLON).writeBytes(head, from, to - from)
                        .writeShort(CRLF);
            }
            line = next;
        }
        // The chain announces chunks to a HEAD, too, unless there is a length.
        boolean chunked = !sized && !empty;
        if (chunked) {
            out.writeBytes(CHUNKED);
        } else if (status == RESET_CONTENT) {
            out.writeBytes(NO_BYTES);
        }
        if (close) {
            out.writeBytes(CLOSE);
        }
        if (!dated) {
            date(out, date);
        }
        return chunked && !toHead;
    }

    /** Whether a response with this status never has a body, whatever the backend sends. */
    static boolean isAlwaysEmpty(int status) {
        return status == NO_CONTENT || status == RESET_CONTENT || status == NOT_MODIFIED;
    }

    /** The headers that {@code Connection} names (RFC 9110, section 7.6.1), in lower case. */
    private static Set<String> nominated(ByteBuf head) {
        Set<String> names = Set.of();
        int end = head.writerIndex() - 2;
        int line = head.indexOf(head.readerIndex(), end, (byte) '\n') + 1;
        while (line < end) {
            int next = head.indexOf(line, end, (byte) '\n') + 1;
            int colon = line + CONNECTION.length();
            if (colon < next && head.getByte(colon) == ':' && isNamed(head, line, colon, CONNECTION)) {
                if (names.isEmpty()) {
                    names = new HashSet<>();
                }
                for (String option : name(head, colon + 1, next).split(",", -1)) {
                    names.add(option.strip());
                }
            }
            line = next;
        }
        return names;
    }

    private static String name(ByteBuf bytes, int from, int to) {
        return bytes.toString(from, to - from, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    }

    /** Writes the status line. */
    static void status(ByteBuf out, int status) {
        out.writeBytes(VERSION);
        HttpResponseStatus known = HttpResponseStatus.valueOf(status);
        ByteBufUtil.writeAscii(out, known.codeAsText());
        out.writeByte(' ');
        ByteBufUtil.writeAscii(out, known.reasonPhrase());
        out.writeShort(CRLF);
    }

    static void date(ByteBuf out, AsciiString date) {
        out.writeBytes(DATE).writeBytes(date.array(), date.arrayOffset(), date.length()).writeShort(CRLF);
    }

    static void close(ByteBuf out) {
        out.writeBytes(CLOSE);
    }

    static void header(ByteBuf out, String name, String value) {
        ByteBufUtil.writeAscii(out, name);
        out.writeShort(COLON);
        ByteBufUtil.writeAscii(out, value);
        out.writeShort(CRLF);
    }

    static void end(ByteBuf out) {
        out.writeShort(CRLF);
    }

    /** Whether the response is a stream of events, which may last for days. */
    static boolean isEventStream(ByteBuf head) {
        int end = head.writerIndex() - 2;
        int line = head.indexOf(head.readerIndex(), end, (byte) '\n') + 1;
        while (line < end) {
            int next = head.indexOf(line, end, (byte) '\n') + 1;
            int colon = line + "content-type".length();
            if (colon < next && head.getByte(colon) == ':' && isNamed(head, line, colon, "content-type")) {
                int from = afterBlanks(head, colon + 1, next - 2);
                return next - from > EVENT_STREAM.length()
                        && isNamed(head, from, from + EVENT_STREAM.length(), EVENT_STREAM);
            }
            line = next;
        }
        return false;
    }

    private static int afterBlanks(ByteBuf bytes, int from, int to) {
        int at = from;
        while (at < to && isBlank(bytes.getByte(at))) {
            at++;
        }
        return at;
    }

    private static int beforeBlanks(ByteBuf bytes, int from, int to) {
        int at = to;
        while (at > from && isBlank(bytes.getByte(at - 1))) {
            at--;
        }
        return at;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static boolean isNamed(ByteBuf bytes, int from, int to, String lower) {
        if (to - from != lower.length()) {
            return false;
        }
        for (int i = 0; i < lower.length(); i++) {
            byte b = bytes.getByte(from + i);
            if ((b >= 'A' && b <= 'Z' ? b | 0x20 : b) != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
