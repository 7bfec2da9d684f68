package dev.postern.express;

import dev.postern.call.Call;
import dev.postern.call.ClientHeaders;
import dev.postern.call.GateHeaders;
import dev.postern.catalog.Reading;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes the head of the request for the backend: the rebuilt target, and the headers by the rules of both lanes. */
final class BackendHead {
    /** Room for what the gate adds. */
    private static final int ADDED = 512;
    private static final byte[] VERSION = " HTTP/1.1\r\nHost: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTENT_LENGTH = "\r\nContent-Length: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "\r\nTransfer-Encoding: chunked".getBytes(StandardCharsets.US_ASCII);
    private static final short CRLF = 0x0d0a;
    private static final short COLON = 0x3a20;

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
     */
    ByteBuf write(ByteBufAllocator allocator, byte[] host) {
        ByteBuf out = allocator.ioBuffer(head.end + ADDED);
        boolean written = false;
        try {
            ascii(out, head.method());
            out.writeByte(' ');
            ascii(out, read.path());
            if (!read.query().isEmpty()) {
                out.writeByte('?');
                ascii(out, read.query());
            }
            out.writeBytes(VERSION).writeBytes(host);
            framing(out, head);
            out.writeShort(CRLF);
            clientHeaders(out, head, read.idHeaders(), treatments);
            read.idHeaders().forEach((name, value) -> header(out, name, value));
            ours.write(call, scheme, (name, value) -> header(out, name, value));
            out.writeShort(CRLF);
            written = true;
            return out;
        } finally {
            if (!written) {
                out.release();
            }
        }
    }

    private static void framing(ByteBuf out, PlainHead head) {
        if (head.chunked) {
            out.writeBytes(CHUNKED);
        } else if (head.contentLength > 0) {
            out.writeBytes(CONTENT_LENGTH);
            ascii(out, Long.toString(head.contentLength));
        } else if (head.method().equals("POST") || head.method().equals("PUT")
                || (head.contentLength == 0 && head.method().equals("DELETE"))) {
            // RFC 9110, section 8.6: sent even if it is 0, for methods that define a meaning for the body.
            out.writeBytes(CONTENT_LENGTH).writeByte('0');
        }
    }

    private static void clientHeaders(ByteBuf out, PlainHead head, Map<String, String> idHeaders,
            NameTreatments treatments) {
        boolean cookiesWritten = false;
        for (int line = 0; line < head.lines; line++) {
            switch (treatments.ofClient(head, line)) {
                case DROPPED -> {
                }
                case KEPT -> {
                    if (idHeaders.isEmpty() || !isIn(idHeaders, head, line)) {
                        out.writeBytes(head.bytes, head.nameStart(line), head.nameEnd(line) - head.nameStart(line))
                                .writeShort(COLON)
                                .writeBytes(head.bytes, head.valueStart(line),
                                        head.valueEnd(line) - head.valueStart(line))
                                .writeShort(CRLF);
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

    /** All lines at once: whether any of them has a cookie of the gate decides about the form of all. */
    private static void cookies(ByteBuf out, PlainHead head, String name) {
        List<String> lines = head.header(name);
        if (lines != null) {
            ClientHeaders.withoutOurCookies(lines).forEach(cookies -> header(out, name, cookies));
        }
    }

    private static boolean isIn(Map<String, String> idHeaders, PlainHead head, int line) {
        String name = head.name(line);
        return idHeaders.keySet().stream().anyMatch(name::equalsIgnoreCase);
    }

    private static void header(ByteBuf out, String name, String value) {
        ascii(out, name);
        out.writeShort(COLON);
        ascii(out, value);
        out.writeShort(CRLF);
    }

    /** Header values may have one character per byte; IDs and targets are ASCII. */
    private static void ascii(ByteBuf out, String text) {
        if (!text.isEmpty()) {
            ByteBufUtil.writeAscii(out, text);
        }
    }
}
