package dev.postern.express;

import dev.postern.express.Exchange.Ending;
import dev.postern.express.Exchange.Reply;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A backend that knows from the header X-Exchange of a request what to answer, and keeps what it has received. */
final class LaneBackend implements AutoCloseable {
    private static final int LIMIT_MILLIS = 10_000;

    private final ServerSocket server;
    private final Map<String, Turn> turns = new ConcurrentHashMap<>();
    private final List<String> complaints = new ArrayList<>();

    /**
     * A request that arrived.
     *
     * @param headers by their names in lower case
     * @param whole   whether the body arrived completely
     */
    record Arrived(String line, Map<String, List<String>> headers, byte[] body, boolean whole) {}

    /** One request, and how often it has arrived. */
    private static final class Turn {
        private final Reply reply;
        private final List<Arrived> arrived = new ArrayList<>();
        private int open;

        Turn(Reply reply) {
            this.reply = reply;
        }

        synchronized void opens() {
            open++;
        }

        synchronized void arrives(Arrived request) {
            arrived.add(request);
        }

        synchronized void settles() {
            open--;
            notifyAll();
        }

        synchronized List<Arrived> settled() throws InterruptedException {
            long end = System.nanoTime() + LIMIT_MILLIS * 1_000_000L;
            while (open > 0) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError("the backend is still busy: " + reply);
                }
                wait(left);
            }
            return List.copyOf(arrived);
        }
    }

    LaneBackend() {
        try {
            server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofVirtual().start(this::accept);
    }

    String address() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    void expect(String id, Reply reply) {
        turns.put(id, new Turn(reply));
    }

    /** Waits until the backend has dealt with the requests of this ID, and returns them. */
    List<Arrived> take(String id) throws InterruptedException {
        Turn turn = turns.remove(id);
        return turn == null ? List.of() : turn.settled();
    }

    /** What the gate has done that no gate should do. */
    List<String> complaints() {
        synchronized (complaints) {
            return List.copyOf(complaints);
        }
    }

    private void complain(String what) {
        synchronized (complaints) {
            complaints.add(what);
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(LIMIT_MILLIS);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream(), 32 * 1024);
            String announced = null;
            while (true) {
                String line = Wire.line(in);
                Map<String, List<String>> headers = Wire.headers(in);
                String id = String.join(",", headers.getOrDefault("x-exchange", List.of()));
                if (announced != null) {
                    complain(id + " came on a connection that was to be closed after " + announced);
                }
                Turn turn = turns.get(id);
                if (turn == null) {
                    // Either the client has gone away and the exchange of the request is over, or the request has lost
                    // its ID.
                    if (id.isEmpty()) {
                        complain("a request without its ID: " + line + " " + headers);
                    }
                    return;
                }
                if (!answer(socket, in, turn, line, headers)) {
                    return;
                }
                announced = announcesClose(turn.reply) ? id : null;
            }
        } catch (IOException over) {
            // One of the two sides has closed the connection.
        }
    }

    private static boolean answer(Socket socket, InputStream in, Turn turn, String line,
            Map<String, List<String>> headers) throws IOException {
        turn.opens();
        try {
            if (turn.reply.early()) {
                turn.arrives(new Arrived(line, headers, new byte[0], true));
                write(socket, turn.reply);
            }
            Wire.Body body = Wire.body(in, headers, false);
            if (!turn.reply.early()) {
                turn.arrives(new Arrived(line, headers, body.data(), body.whole()));
            }
            if (!body.whole()) {
                return false;
            }
            if (!turn.reply.early()) {
                write(socket, turn.reply);
            }
            return end(socket, in, turn.reply.ending());
        } finally {
            turn.settles();
        }
    }

    private static void write(Socket socket, Reply reply) throws IOException {
        for (byte[] part : reply.parts()) {
            socket.getOutputStream().write(part);
        }
    }

    /** @return whether the connection stays open */
    private static boolean end(Socket socket, InputStream in, Ending ending) throws IOException {
        switch (ending) {
            case KEPT -> {
                return true;
            }
            case CLOSED -> {
                socket.shutdownOutput();
                // Waits until the gate has noticed.
                if (in.read() >= 0) {
                    throw new EOFException("the gate writes on a connection that is closed");
                }
            }
            case RESET -> {
                socket.setSoLinger(true, 0);
                socket.close();
            }
        }
        return false;
    }

    private static boolean announcesClose(Reply reply) {
        StringBuilder all = new StringBuilder();
        reply.parts().forEach(part -> all.append(new String(part, StandardCharsets.ISO_8859_1)));
        String head = all.substring(0, Math.max(0, all.indexOf("\r\n\r\n"))).toLowerCase(Locale.ROOT);
        return head.startsWith("http/1.1 2") && head.contains("connection: close");
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
