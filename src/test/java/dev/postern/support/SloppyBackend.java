package dev.postern.support;

import dev.postern.support.RecordingBackend.Received;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A backend that keeps its connections open, and writes on them what a test tells it to, whether it is HTTP or not. */
public final class SloppyBackend implements AutoCloseable {
    private final ServerSocket server;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private volatile Script script;
    private volatile Duration hold = Duration.ZERO;

    /** Answers one request; the connection stays open until one of the two sides closes it. */
    @FunctionalInterface
    public interface Script {
        void answer(Line line, Received request) throws IOException;
    }

    /** A connection of the gate. */
    public static final class Line {
        private final Socket socket;
        private final InputStream in;
        private final int number;
        private final CountDownLatch closed = new CountDownLatch(1);
        private int requests;

        private Line(Socket socket, int number) throws IOException {
            this.socket = socket;
            this.number = number;
            this.in = new BufferedInputStream(socket.getInputStream());
        }

        public void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** A whole response of status 200. */
        public void ok(String body) throws IOException {
            write("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        }

        public void close() throws IOException {
            socket.close();
        }

        /** Ends the connection in a way that is an error on the other side. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** The number of this connection; the first one has the number 1. */
        public int number() {
            return number;
        }

        /** How many requests the connection has carried, including the present one. */
        public int requests() {
            return requests;
        }

        /** Counted down when the connection has ended. */
        public CountDownLatch closed() {
            return closed;
        }
    }

    public SloppyBackend(Script first) {
        script = first;
        try {
            server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Line line = new Line(socket, connections.incrementAndGet());
                Thread.ofVirtual().start(() -> serve(line));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Line line) {
        try (Socket _ = line.socket) {
            LockSupport.parkNanos(hold.toNanos());
            while (true) {
                Received request = RequestReader.read(line.in);
                line.requests++;
                received.add(request);
                script.answer(line, request);
            }
        } catch (IOException over) {
            // One of the two sides has closed the connection.
        } finally {
            line.closed.countDown();
        }
    }

    /** Answers the next requests with this script. */
    public void play(Script next) {
        script = next;
    }

    /** Waits this long before it reads from a connection that is opened from now on. */
    public void hold(Duration time) {
        hold = time;
    }

    public List<Received> received() {
        return List.copyOf(received);
    }

    public int connections() {
        return connections.get();
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
