package dev.postern;

import dev.postern.RawHttp.Reply;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One connection to a gate, for one call after the other. */
final class KeepAlive implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    KeepAlive(TestGate gate) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), gate.port());
            socket.setSoTimeout(20_000);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    Reply call(String key, String method, String target) {
        try {
            socket.getOutputStream().write((method + " " + target + " HTTP/1.1\r\nHost: gate.test\r\napi-key: " + key
                    + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return RawHttp.read(in, true);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
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
