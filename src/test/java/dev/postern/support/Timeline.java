package dev.postern.support;

import dev.postern.support.RawHttp.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Makes one call after another on each of some connections until it is closed, and notes the answer to each. */
public final class Timeline implements AutoCloseable {
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    /** A call to make. */
    public record Question(String credential, String method, String target) {
        public boolean isRead() {
            return method.equals("GET");
        }
    }

    /** A call that was made. */
    public record Call(Question question, long began, long ended, int status, String reason, String retryAfter) {
        public boolean isOutage() {
            return status == 503 && reason.equals("store_unavailable") && !retryAfter.isEmpty();
        }
    }

    /** @param pause of each connection between one call and the next */
    public Timeline(TestGate gate, Collection<List<Question>> connections, Duration pause) {
        for (List<Question> questions : connections) {
            threads.add(Thread.ofPlatform().daemon().name("timeline").start(() -> ask(gate, questions, pause)));
        }
    }

    private void ask(TestGate gate, List<Question> questions, Duration pause) {
        try (KeepAlive connection = new KeepAlive(gate)) {
            for (int i = 0; !stopped.get(); i = (i + 1) % questions.size()) {
                calls.add(call(connection, questions.get(i)));
                LockSupport.parkNanos(pause.toNanos());
            }
        } catch (RuntimeException | Error failed) {
            failures.add(failed);
        }
    }

    private static Call call(KeepAlive connection, Question question) {
        long began = System.nanoTime();
        Reply reply = connection.call(question.credential(), question.method(), question.target());
        long ended = System.nanoTime();
        return new Call(question, began, ended, reply.status(), reply.status() == 200 ? "" : reply.reason(),
                reply.header("Retry-After"));
    }

    /** All calls so far. */
    public List<Call> calls() {
        failures.forEach(failure -> {
            throw new AssertionError("a caller has ended", failure);
        });
        return List.copyOf(calls);
    }

    @Override
    public void close() {
        stopped.set(true);
        try {
            for (Thread thread : threads) {
                thread.join(Duration.ofSeconds(30));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
