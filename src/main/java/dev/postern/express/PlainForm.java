package dev.postern.express;

import io.netty.buffer.ByteBuf;

/**
 * Recognizes the heads of requests that are written, byte for byte, in the plain form. A recognizer and not a parser:
 * where the HTTP codec might read something else, the head is not plain.
 *
 * <p>The plain form: one of the usual methods, a target in origin form of unambiguous characters, {@code HTTP/1.1},
 * lines of {@code token: value} in printable ASCII that end with CR LF, exactly one {@code Host}, at most one
 * {@code Content-Length} in plain digits or exactly {@code Transfer-Encoding: chunked}, and {@code Connection} only
 * with {@code keep-alive} or {@code close}.
 */
final class PlainForm {
    /** Below the limits of the codec, so that a head which is too large is refused there. In bytes. */
    static final int MAX_HEAD = 16 * 1024;
    /** The bytes that are looked at first. */
    private static final int FIRST_LOOK = 1024;
    static final int MAX_TARGET = 8 * 1024;
    private static final byte[] VERSION = {'H', 'T', 'T', 'P', '/', '1', '.', '1', '\r', '\n'};

    private PlainForm() {}

    /** What a head is. */
    enum Found {
        /** The head is complete and plain. */
        PLAIN,
        /** The head is plain so far, and incomplete. */
        INCOMPLETE,
        /** The head is something else; where the request ends is not known. */
        ODD
    }

    /**
     * Copies bytes to the head, perhaps more than belong to it, until the head is recognized or no bytes are left. The
     * buffer's reader index does not change.
     *
     * @param head contains the bytes of the head that arrived before
     */
    static Found look(PlainHead head, ByteBuf in) {
        Found found = Found.INCOMPLETE;
        int at = in.readerIndex();
        boolean mayEnd = head.size == 0;
        while (at < in.writerIndex() && found == Found.INCOMPLETE) {
            int count = Math.min(in.writerIndex() - at, Math.max(FIRST_LOOK, head.size));
            mayEnd |= in.indexOf(at, at + count, (byte) '\n') >= 0;
            head.append(in, at, count);
            at += count;
            // A head that comes byte by byte is not read again for each byte.
            if (mayEnd || head.size >= MAX_HEAD) {
                found = recognize(head);
            }
        }
        return found;
    }

    /** Looks at the bytes that are in the head. If it is plain, notes the places of its parts. */
    static Found recognize(PlainHead head) {
        head.lines = 0;
        head.contentLength = -1;
        head.chunked = false;
        head.close = false;
        int at = requestLine(head);
        if (at < 0) {
            return found(at);
        }
        boolean host = false;
        boolean connection = false;
        byte[] bytes = head.bytes;
        while (true) {
            if (at + 1 >= head.size) {
                return found(incomplete(head));
            }
            if (bytes[at] == '\r') {
                head.end = at + 2;
                return bytes[at + 1] == '\n' && host && !(head.chunked && head.contentLength >= 0)
                        ? Found.PLAIN
                        : Found.ODD;
            }
            int next = line(head, at);
            if (next < 0) {
                return found(next);
            }
            int line = head.lines - 1;
            switch (head.nameEnd(line) - head.nameStart(line)) {
                case 2 -> {
                    if (head.isNamed(line, "te")) {
                        return Found.ODD;
                    }
                }
                case 4 -> {
                    if (head.isNamed(line, "host")) {
                        if (host || !PlainValues.isHost(head, line)) {
                            return Found.ODD;
                        }
                        host = true;
                    }
                }
                case 6 -> {
                    if (head.isNamed(line, "expect")) {
                        return Found.ODD;
                    }
                }
                case 7 -> {
                    if (head.isNamed(line, "upgrade") || head.isNamed(line, "trailer")) {
                        return Found.ODD;
                    }
                }
                case 10 -> {
                    if (head.isNamed(line, "connection")) {
                        if (connection || !PlainValues.takesConnection(head, line)) {
                            return Found.ODD;
                        }
                        connection = true;
                    }
                }
                case 14 -> {
                    if (head.isNamed(line, "content-length") && !PlainValues.takesLength(head, line)) {
                        return Found.ODD;
                    }
                }
                case 16 -> {
                    if (head.isNamed(line, "proxy-connection")) {
                        return Found.ODD;
                    }
                }
                case 17 -> {
                    if (head.isNamed(line, "transfer-encoding")) {
                        if (head.chunked || !"chunked".equals(head.value(line))) {
                            return Found.ODD;
                        }
                        head.chunked = true;
                    }
                }
                default -> {
                }
            }
            at = next;
        }
    }

    private static final int IS_INCOMPLETE = -1;
    private static final int IS_ODD = -2;

    private static Found found(int code) {
        return code == IS_INCOMPLETE ? Found.INCOMPLETE : Found.ODD;
    }

    private static int incomplete(PlainHead head) {
        return head.size < MAX_HEAD ? IS_INCOMPLETE : IS_ODD;
    }

    /** @return the index of the first header line, or a negative code */
    private static int requestLine(PlainHead head) {
        byte[] bytes = head.bytes;
        int size = head.size;
        String method = Methods.of(bytes, size);
        if (method == null) {
            return size < 8 && Methods.mayStart(bytes, size) ? IS_INCOMPLETE : IS_ODD;
        }
        head.methodEnd = method.length();
        int at = head.methodEnd + 1;
        if (at < size && bytes[at] != '/') {
            return IS_ODD;
        }
        int limit = Math.min(size, at + MAX_TARGET);
        while (at < limit && Bytes.isTarget(bytes[at])) {
            if (bytes[at] == '%' && (at + 2 < size) && !(Bytes.isHex(bytes[at + 1]) && Bytes.isHex(bytes[at + 2]))) {
                return IS_ODD;
            }
            at++;
        }
        if (at == size) {
            return incomplete(head);
        }
        if (bytes[at] != ' ') {
            return IS_ODD;
        }
        head.targetEnd = at;
        at++;
        for (int i = 0; i < VERSION.length; i++) {
            if (at + i == size) {
                return incomplete(head);
            }
            if (bytes[at + i] != VERSION[i]) {
                return IS_ODD;
            }
        }
        return at + VERSION.length;
    }

    /** @return the index of the next line, or a negative code */
    private static int line(PlainHead head, int start) {
        byte[] bytes = head.bytes;
        int size = head.size;
        int at = start;
        while (at < size && Bytes.isToken(bytes[at])) {
            at++;
        }
        if (at == size) {
            return incomplete(head);
        }
        if (at == start || bytes[at] != ':' || head.lines == PlainHead.MAX_LINES) {
            return IS_ODD;
        }
        int nameEnd = at++;
        while (at < size && bytes[at] == ' ') {
            at++;
        }
        int valueStart = at;
        while (at < size && Bytes.isText(bytes[at])) {
            at++;
        }
        if (at + 1 >= size) {
            return at < size && bytes[at] != '\r' ? IS_ODD : incomplete(head);
        }
        if (bytes[at] != '\r' || bytes[at + 1] != '\n') {
            return IS_ODD;
        }
        int valueEnd = at;
        while (valueEnd > valueStart && bytes[valueEnd - 1] == ' ') {
            valueEnd--;
        }
        head.addLine(start, nameEnd, valueStart, valueEnd);
        return at + 2;
    }
}
