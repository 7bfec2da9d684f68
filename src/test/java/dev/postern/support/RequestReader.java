package dev.postern.support;

import dev.postern.support.RecordingBackend.Received;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads requests of the gate from a socket, for backends that write their own answers. */
final class RequestReader {
    private RequestReader() {}

    /**
     * Reads a request to its last byte: if a connection is closed while bytes are unread, the reply may be lost.
     *
     * @throws EOFException if what arrived is not a whole request
     */
    static Received read(InputStream in) throws IOException {
        String[] call = RawHttp.line(in).split(" ", -1);
        if (call.length != 3) {
            throw new EOFException("no request");
        }
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (String line = RawHttp.line(in); !line.isEmpty(); line = RawHttp.line(in)) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                // A TLS handshake can look like a request line.
                throw new EOFException("no request");
            }
            headers.add(Map.entry(line.substring(0, colon), line.substring(colon + 1).strip()));
        }
        Received head = new Received(call[0], call[1], List.copyOf(headers), new byte[0]);
        return new Received(head.method(), head.target(), head.headers(), body(in, head));
    }

    private static byte[] body(InputStream in, Received head) throws IOException {
        if (head.hasHeader("Transfer-Encoding")) {
            return RawHttp.chunks(in);
        }
        String length = head.header("Content-Length");
        int size = length.isEmpty() ? 0 : Integer.parseInt(length);
        byte[] body = in.readNBytes(size);
        if (body.length < size) {
            throw new EOFException("the request is not whole");
        }
        return body;
    }
}
