package dev.postern.express;

import dev.postern.call.Head;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request in the plain form, as bytes and the places of its parts in them. Reused from request to
 * request: nobody may keep it longer than the call.
 */
final class PlainHead implements Head {
    /** More lines are not plain. */
    static final int MAX_LINES = 64;
    private static final int FIRST_ROOM = 1024;
    private static final int PLACES = 4;

    byte[] bytes = new byte[FIRST_ROOM];
    /** The number of bytes that are here; more than the head if the request has a body. */
    int size;
    /** Index after the empty line. */
    int end;
    int methodEnd;
    int targetEnd;
    int lines;
    /** For each line: the start and end of its name, and of its value without the blanks around it. */
    final int[] places = new int[PLACES * MAX_LINES];
    /** -1 without a Content-Length. */
    long contentLength;
    boolean chunked;
    boolean close;
    private String method = "";
    private String target = "";
    private @Nullable InetSocketAddress peer;

    /** Forgets the request, and the credential in its head. */
    void clear() {
        Arrays.fill(bytes, 0, size, (byte) 0);
        if (bytes.length > 8 * FIRST_ROOM) {
            bytes = new byte[FIRST_ROOM];
        }
        size = 0;
        lines = 0;
        method = "";
        target = "";
    }

    void append(ByteBuf in, int at, int count) {
        if (size + count > bytes.length) {
            byte[] before = bytes;
            bytes = Arrays.copyOf(before, Integer.highestOneBit(size + count) << 1);
            Arrays.fill(before, 0, size, (byte) 0);
        }
        in.getBytes(at, bytes, size, count);
        size += count;
    }

    /** To be called when the head has been recognized. */
    void recognized(InetSocketAddress from) {
        method = Methods.of(this);
        target = new String(bytes, methodEnd + 1, targetEnd - methodEnd - 1, StandardCharsets.ISO_8859_1);
        peer = from;
    }

    void addLine(int nameStart, int nameEnd, int valueStart, int valueEnd) {
        int at = lines++ * PLACES;
        places[at] = nameStart;
        places[at + 1] = nameEnd;
        places[at + 2] = valueStart;
        places[at + 3] = valueEnd;
    }

    int nameStart(int line) {
        return places[line * PLACES];
    }

    int nameEnd(int line) {
        return places[line * PLACES + 1];
    }

    int valueStart(int line) {
        return places[line * PLACES + 2];
    }

    int valueEnd(int line) {
        return places[line * PLACES + 3];
    }

    boolean isNamed(int line, String name) {
        return Bytes.equalsIgnoringCase(bytes, nameStart(line), nameEnd(line), name);
    }

    String name(int line) {
        return text(nameStart(line), nameEnd(line));
    }

    String value(int line) {
        return text(valueStart(line), valueEnd(line));
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String target() {
        return target;
    }

    @Override
    public @Nullable List<String> header(String name) {
        String first = null;
        List<String> all = null;
        for (int line = 0; line < lines; line++) {
            if (isNamed(line, name)) {
                if (first == null) {
                    first = value(line);
                } else {
                    if (all == null) {
                        all = new ArrayList<>();
                        all.add(first);
                    }
                    all.add(value(line));
                }
            }
        }
        if (all != null) {
            return all;
        }
        return first == null ? null : List.of(first);
    }

    @Override
    public @Nullable InetSocketAddress peer() {
        return peer;
    }

    /** Whether the request has a body, even if it is empty and chunked. */
    boolean hasBody() {
        return chunked || contentLength > 0;
    }
}
