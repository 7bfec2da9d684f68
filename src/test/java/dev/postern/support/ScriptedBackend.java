package dev.postern.support;

import dev.postern.support.RecordingBackend.Received;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A backend that writes what a test tells it to, byte for byte and when the test says so. Each connection carries one
 * request.
 */
public final class ScriptedBackend implements AutoCloseable {
    private final ServerSocket server;
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private volatile Script script = _ -> {};

    /** Answers one request. */
    @FunctionalInterface
    public interface Script {
        void play(Stage stage) throws Exception;
    }

    /** The connection on which a request came. It is closed when the script is over. */
    public static final class Stage {
        private final Socket socket;
        private final Received request;

        Stage(Socket socket, Received request) {
            this.socket = socket;
            this.request = request;
        }

        /** The request that is to be answered. */
        public Received request() {
            return request;
        }

        public Socket socket() {
            return socket;
        }

        /** Accepts a WebSocket, with these additional header lines. */
        public RawWebSocket upgrade(String... headerLines) throws IOException {
            write(upgradeHead(headerLines));
            return RawWebSocket.ofBackend(socket);
        }

        /** The head with which a WebSocket is accepted. */
        public String upgradeHead(String... headerLines) {
            StringBuilder head = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Accept: "
                    + RawWebSocket.accept(request.header("Sec-WebSocket-Key")) + "\r\n");
            for (String line : headerLines) {
                head.append(line).append("\r\n");
            }
            return head.append("\r\n").toString();
        }

        /** Writes text, and returns when it is on its way. */
        public void write(String text) throws IOException {
            write(text.getBytes(StandardCharsets.UTF_8));
        }

        public void write(byte[] bytes) throws IOException {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
        }

        /** Writes a status line and header lines. */
        public void head(int status, String... headerLines) throws IOException {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Whatever\r\nConnection: close\r\n");
            for (String line : headerLines) {
                head.append(line).append("\r\n");
            }
            write(head.append("\r\n").toString());
        }

        /** Writes a chunk of a body in chunks; an empty one is its end. */
        public void chunk(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            write(Integer.toHexString(bytes.length) + "\r\n");
            write(bytes);
            write("\r\n");
        }

        /** Ends the connection in a way that is an error on the other side. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Waits until the caller has closed the connection. */
        public void awaitEnd() throws IOException {
            while (socket.getInputStream().read() >= 0) {
                // Ignores what else the caller sends.
            }
        }
    }

    public ScriptedBackend() {
        try {
            server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofPlatform().daemon().name("scripted-backend").start(this::accept);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofPlatform().daemon().name("scripted-reply").start(() -> answer(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void answer(Socket socket) {
        try (socket) {
            Received request = RequestReader.read(socket.getInputStream());
            received.add(request);
            script.play(new Stage(socket, request));
        } catch (IOException | UncheckedIOException gone) {
            // The test checks what the gate does then.
        } catch (Exception broken) {
            throw new IllegalStateException("a script is wrong", broken);
        }
    }

    /** Answers the next requests with this script. */
    public void play(Script next) {
        script = next;
    }

    public List<Received> received() {
        return List.copyOf(received);
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
