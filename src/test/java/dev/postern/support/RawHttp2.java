package dev.postern.support;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Speaks HTTP/2 without TLS, just enough for one request. Its fields are sent exactly as they are written. */
public final class RawHttp2 {
    private static final int READ_LIMIT_MILLIS = 20_000;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int GOAWAY = 7;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    private RawHttp2() {}

    /**
     * Sends one request and waits until it has been answered.
     *
     * @param fields   lines of the form {@code name: value}, pseudo-header fields first
     * @param trailers the same, after the body
     * @return whether there was an answer; false when the server reset the stream or the connection
     */
    public static boolean exchange(int port, List<String> fields, String body, List<String> trailers) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(READ_LIMIT_MILLIS);
            ByteArrayOutputStream request = new ByteArrayOutputStream();
            request.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            frame(request, SETTINGS, 0, 0, new byte[0]);
            frame(request, HEADERS, END_HEADERS, 1, block(fields));
            frame(request, DATA, trailers.isEmpty() ? END_STREAM : 0, 1, body.getBytes(StandardCharsets.US_ASCII));
            if (!trailers.isEmpty()) {
                frame(request, HEADERS, END_HEADERS | END_STREAM, 1, block(trailers));
            }
            socket.getOutputStream().write(request.toByteArray());
            return isAnswered(new DataInputStream(socket.getInputStream()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /**
     * Sends one request as a client that takes nothing of the body of the response, and waits for the head.
     *
     * @return the connection, which the caller closes
     */
    public static Socket askForHead(int port, List<String> fields) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(READ_LIMIT_MILLIS);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(request, SETTINGS, 0, 0, new byte[]{0, INITIAL_WINDOW_SIZE, 0, 0, 0, 0});
        frame(request, HEADERS, END_HEADERS | END_STREAM, 1, block(fields));
        socket.getOutputStream().write(request.toByteArray());
        if (!isAnswered(new DataInputStream(socket.getInputStream()))) {
            socket.close();
            throw new IOException("the server reset the stream");
        }
        return socket;
    }

    private static boolean isAnswered(DataInputStream in) throws IOException {
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            in.readNBytes(5 + length);
            if (type == HEADERS || type == RST_STREAM || type == GOAWAY) {
                return type == HEADERS;
            }
        }
    }

    private static void frame(ByteArrayOutputStream to, int type, int flags, int stream, byte[] payload) {
        to.writeBytes(new byte[]{(byte) (payload.length >> 16), (byte) (payload.length >> 8), (byte) payload.length,
                (byte) type, (byte) flags, 0, 0, 0, (byte) stream});
        to.writeBytes(payload);
    }

    /** RFC 7541 section 6.2.2: each field as it is, in no table and without Huffman coding. */
    private static byte[] block(List<String> fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (String field : fields) {
            int colon = field.indexOf(": ", 1);
            block.write(0);
            for (String text : Arrays.asList(field.substring(0, colon), field.substring(colon + 2))) {
                // The text is shorter than 127 bytes, so that one byte can state its length.
                block.write(text.length());
                block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return block.toByteArray();
    }
}
