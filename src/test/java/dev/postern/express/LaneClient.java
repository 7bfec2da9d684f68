package dev.postern.express;

import dev.postern.express.Exchange.Ask;
import dev.postern.express.Exchange.Step;
import dev.postern.express.LaneBackend.Arrived;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/** Plays an exchange on one gate, and notes what comes back and what its backend receives. */
final class LaneClient {
    private static final int LIMIT_MILLIS = 10_000;
    private static final long BETWEEN_CUTS_NANOS = 200_000;

    private final int port;
    private final LaneBackend backend;

    LaneClient(int port, LaneBackend backend) {
        this.port = port;
        this.backend = backend;
    }

    /**
     * What the client and the backend have seen.
     *
     * @param answers of each step
     * @param arrived by the IDs of the requests
     */
    record Seen(List<Answers> answers, Map<String, List<Arrived>> arrived) {}

    /**
     * The answers of one step.
     *
     * @param closed whether the gate has closed the connection
     * @param rest   bytes after the last answer
     */
    record Answers(List<Answer> all, boolean closed, String rest) {}

    /**
     * A response.
     *
     * @param interim the status lines of interim responses before it
     * @param whole   whether it arrived to its end
     */
    record Answer(List<String> interim, String line, Map<String, List<String>> headers, byte[] body, boolean whole) {}

    Seen play(Exchange exchange) throws IOException, InterruptedException {
        List<Answers> seen = new ArrayList<>();
        Map<String, List<Arrived>> arrived = new TreeMap<>();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(LIMIT_MILLIS);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 32 * 1024);
            boolean closed = false;
            for (Step step : exchange.steps()) {
                if (!closed) {
                    step.asks().forEach(ask -> backend.expect(ask.id(), ask.reply()));
                    Answers answers = play(socket, in, step);
                    closed = answers.closed();
                    seen.add(answers);
                    for (Ask ask : step.asks()) {
                        arrived.put(ask.id(), backend.take(ask.id()));
                    }
                }
            }
        }
        return new Seen(seen, arrived);
    }

    private static Answers play(Socket socket, InputStream in, Step step) throws IOException {
        write(socket, step);
        List<Answer> answers = new ArrayList<>();
        try {
            for (Ask ask : step.asks()) {
                Answer answer = read(in, ask.method().equals("HEAD"));
                answers.add(answer);
                if (!answer.whole()) {
                    return new Answers(answers, true, "");
                }
                if (isLast(answer) || (step.breaksOff() && answers.size() == step.asks().size())) {
                    return new Answers(answers, true, rest(in));
                }
            }
        } catch (EOFException | SocketException over) {
            return new Answers(answers, true, "");
        } catch (SocketTimeoutException hanging) {
            throw new AssertionError("the exchange hangs after " + answers.size() + " answers of " + step.asks().size()
                    + (answers.isEmpty() ? "" : ", the last one " + answers.getLast().line()), hanging);
        }
        return new Answers(answers, false, "");
    }

    private static boolean isLast(Answer answer) {
        return answer.headers().getOrDefault("connection", List.of()).stream().anyMatch("close"::equalsIgnoreCase);
    }

    private static String rest(InputStream in) throws IOException {
        try {
            return Exchange.abbreviated(in.readAllBytes());
        } catch (SocketException over) {
            return "";
        }
    }

    private static void write(Socket socket, Step step) throws IOException {
        byte[] bytes = step.bytes();
        int at = 0;
        try {
            for (int cut : step.cuts()) {
                socket.getOutputStream().write(bytes, at, cut - at);
                at = cut;
                LockSupport.parkNanos(BETWEEN_CUTS_NANOS);
            }
            socket.getOutputStream().write(bytes, at, bytes.length - at);
            if (step.breaksOff()) {
                socket.shutdownOutput();
            }
        } catch (SocketException closed) {
            // The gate may have answered, and closed the connection.
        }
    }

    private static Answer read(InputStream in, boolean ofHead) throws IOException {
        List<String> interim = new ArrayList<>();
        while (true) {
            String line = Wire.line(in);
            Map<String, List<String>> headers = Wire.headers(in);
            int status = Integer.parseInt(line.substring(9, 12));
            if (status < 200 && status != 101) {
                interim.add(line);
                continue;
            }
            boolean empty = ofHead || status == 204 || status == 304 || status == 101;
            Wire.Body body = empty ? new Wire.Body(new byte[0], true) : Wire.body(in, headers, true);
            return new Answer(interim, line, headers, body.data(), body.whole());
        }
    }
}
