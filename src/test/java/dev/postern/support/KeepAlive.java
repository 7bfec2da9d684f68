package dev.postern.support;

import dev.postern.support.RawHttp.Reply;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntConsumer;

/** One connection to a gate, for one call after another. */
public final class KeepAlive implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    public KeepAlive(TestGate gate) {
        this(gate.port());
    }

    public KeepAlive(int port) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(20_000);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public Reply call(String key, String method, String target) {
        try {
            socket.getOutputStream().write(request(key, method, target));
            return RawHttp.read(in, true);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Makes a call with a body, which may be empty. */
    public Reply call(String method, String target, String body, List<String> headerLines) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: gate.test\r\n");
        headerLines.forEach(line -> head.append(line).append("\r\n"));
        if (content.length > 0) {
            head.append("Content-Length: ").append(content.length).append("\r\n");
        }
        try {
            socket.getOutputStream().write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().write(content);
            return RawHttp.read(in, !method.equals("HEAD"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /**
     * Sends the same call this many times at once, then reads the replies, and passes on the status of each as it
     * arrives.
     */
    public void callAtOnce(int times, String key, String method, String target, IntConsumer statuses) {
        byte[] one = request(key, method, target);
        byte[] all = new byte[one.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(one, 0, all, i * one.length, one.length);
        }
        try {
            socket.getOutputStream().write(all);
            for (int i = 0; i < times; i++) {
                statuses.accept(RawHttp.read(in, true).status());
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static byte[] request(String key, String method, String target) {
        return (method + " " + target + " HTTP/1.1\r\nHost: gate.test\r\napi-key: " + key + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
