package dev.postern;

import dev.postern.RawHttp.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls that are made one after the other on some connections until it is closed, and what became of each. How long the machine
 * itself stood still meanwhile is noted beside them.
 */
final class Timeline implements AutoCloseable {
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long STALL = TimeUnit.MILLISECONDS.toNanos(20);

    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
    private final Queue<Span> stalls = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    /** A call to make. */
    record Question(String credential, String method, String target) {
        boolean isRead() {
            return method.equals("GET");
        }
    }

    /** From when to when, by {@link System#nanoTime}. */
    private record Span(long began, long ended) {
        long within(Span other) {
            return Math.max(0, Math.min(ended, other.ended) - Math.max(began, other.began));
        }
    }

    /** A call that was made. */
    record Call(Question question, long began, long ended, int status, String reason, String retryAfter) {
        boolean isOutage() {
            return status == 503 && reason.equals("store_unavailable") && !retryAfter.isEmpty();
        }

        Duration took() {
            return Duration.ofNanos(ended - began);
        }
    }

    /** @param pause of each connection between one call and the next */
    Timeline(TestGate gate, Collection<List<Question>> connections, Duration pause) {
        threads.add(Thread.ofPlatform().daemon().name("timeline-clock").start(this::watchTheMachine));
        for (List<Question> questions : connections) {
            threads.add(Thread.ofPlatform().daemon().name("timeline").start(() -> ask(gate, questions, pause)));
        }
    }

    /** A thread that only sleeps sees when nothing on this machine gets on. */
    private void watchTheMachine() {
        long last = System.nanoTime();
        while (!stopped.get()) {
            LockSupport.parkNanos(TICK);
            long now = System.nanoTime();
            if (now - last > STALL) {
                stalls.add(new Span(last, now));
            }
            last = now;
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
    List<Call> calls() {
        failures.forEach(failure -> {
            throw new AssertionError("a caller has ended", failure);
        });
        return List.copyOf(calls);
    }

    /** How long a call took, without what the machine stood still meanwhile. */
    Duration served(Call call) {
        Span whole = new Span(call.began(), call.ended());
        return call.took().minusNanos(stalls.stream().mapToLong(stall -> stall.within(whole)).sum());
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
