package dev.postern.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/** A backend that keeps each request byte for byte, from the request line to the end of its trailers, and says yes. */
public final class WireBackend implements AutoCloseable {
    private static final String REPLY = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

    private final ServerSocket server;
    private final List<String> received = new CopyOnWriteArrayList<>();

    public WireBackend() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofPlatform().daemon().name("wire-backend").start(this::accept);
    }

    private void accept() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                received.add(read(socket.getInputStream()));
                socket.getOutputStream().write(REPLY.getBytes(StandardCharsets.US_ASCII));
            } catch (IOException gone) {
                // The test sees what was received before.
            }
        }
    }

    private static String read(InputStream in) throws IOException {
        String head = readTo(in, "\r\n\r\n");
        String lower = head.toLowerCase(Locale.ROOT);
        if (lower.contains("transfer-encoding: chunked")) {
            StringBuilder chunks = new StringBuilder();
            String size = readTo(in, "\r\n");
            while (Integer.parseInt(size.strip(), 16) > 0) {
                chunks.append(size).append(latin(in.readNBytes(Integer.parseInt(size.strip(), 16) + 2)));
                size = readTo(in, "\r\n");
            }
            chunks.append(size);
            String trailer = readTo(in, "\r\n");
            while (trailer.length() > 2) {
                chunks.append(trailer);
                trailer = readTo(in, "\r\n");
            }
            return head + chunks + trailer;
        }
        int length = lower.indexOf("content-length: ");
        return length < 0
                ? head
                : head + latin(in.readNBytes(
                        Integer.parseInt(lower.substring(length + 16, lower.indexOf('\r', length)).strip())));
    }

    private static String readTo(InputStream in, String end) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (!latin(text.toByteArray()).endsWith(end)) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the request ended early");
            }
            text.write(next);
        }
        return latin(text.toByteArray());
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    public List<String> received() {
        return List.copyOf(received);
    }

    /** The only request that has arrived. */
    public String single() {
        if (received.size() != 1) {
            throw new AssertionError("the backend received " + received.size() + " requests: " + received);
        }
        return received.getFirst();
    }

    public void forget() {
        received.clear();
    }

    public String address() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
