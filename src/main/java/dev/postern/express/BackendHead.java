package dev.postern.express;

import dev.postern.call.Call;
import dev.postern.call.ClientHeaders;
import dev.postern.call.GateHeaders;
import dev.postern.catalog.Reading;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Writes the head of the request for the backend: the rebuilt target, and the headers by the rules of both lanes. */
final class BackendHead {
    private static final byte[] VERSION = " HTTP/1.1\r\nHost: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTENT_LENGTH = "\r\nContent-Length: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "\r\nTransfer-Encoding: chunked".getBytes(StandardCharsets.US_ASCII);

    private final PlainHead head;
    private final Call call;
    private final Reading.Read read;
    private final String scheme;
    private final NameTreatments treatments;
    private final GateHeaders ours;

    /** @param scheme of the client's connection */
    BackendHead(PlainHead head, Call call, Reading.Read read, String scheme, NameTreatments treatments,
            GateHeaders ours) {
        this.head = head;
        this.call = call;
        this.read = read;
        this.scheme = scheme;
        this.treatments = treatments;
        this.ours = ours;
    }

    /**
     * Writes the head.
     *
     * @param host of the backend, for {@code Host}
     * @param room how many bytes the buffer can take after the head
     */
    ByteBuf write(ByteBufAllocator allocator, byte[] host, int room) {
        HeadWriter out = HeadWriter.begin().put(head.method()).put(' ').put(read.path());
        if (!read.query().isEmpty()) {
            out.put('?').put(read.query());
        }
        out.put(VERSION).put(host);
        framing(out, head);
        out.endLine();
        clientHeaders(out, GateHeaders.replaced(call));
        read.idHeaders().forEach(out::header);
        ours.write(call, scheme, out::header);
        return out.endLine().take(allocator, room);
    }

    private static void framing(HeadWriter out, PlainHead head) {
        if (head.chunked) {
            out.put(CHUNKED);
        } else if (head.contentLength > 0) {
            out.put(CONTENT_LENGTH).put(Long.toString(head.contentLength));
        } else if (head.method().equals("POST") || head.method().equals("PUT")
                || (head.contentLength == 0 && head.method().equals("DELETE"))) {
            // RFC 9110, section 8.6: sent even if it is 0, for methods that define a meaning for the body.
            out.put(CONTENT_LENGTH).put('0');
        }
    }

    private void clientHeaders(HeadWriter out, List<String> replaced) {
        Map<String, String> idHeaders = read.idHeaders();
        boolean cookiesWritten = false;
        for (int line = 0; line < head.lines; line++) {
            switch (treatments.ofClient(head, line)) {
                case DROPPED -> {
                }
                case KEPT -> {
                    if ((idHeaders.isEmpty() || !isIn(idHeaders.keySet(), line))
                            && (replaced.isEmpty() || !isIn(replaced, line))) {
                        out.put(head.bytes, head.nameStart(line), head.nameEnd(line) - head.nameStart(line)).put(':')
                                .put(' ')
                                .put(head.bytes, head.valueStart(line), head.valueEnd(line) - head.valueStart(line))
                                .endLine();
                    }
                }
                case COOKIES -> {
                    if (!cookiesWritten) {
                        cookiesWritten = true;
                        cookies(out, head, head.name(line));
                    }
                }
            }
        }
    }

    /** Writes all lines at once: if any of them has a cookie of the gate, all of them are rewritten. */
    private static void cookies(HeadWriter out, PlainHead head, String name) {
        List<String> lines = head.header(name);
        if (lines != null) {
            ClientHeaders.withoutOurCookies(lines).forEach(cookies -> out.header(name, cookies));
        }
    }

    private boolean isIn(Collection<String> names, int line) {
        String name = head.name(line);
        return names.stream().anyMatch(name::equalsIgnoreCase);
    }
}
