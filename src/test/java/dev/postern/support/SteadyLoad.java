package dev.postern.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate.Customer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes calls whose right answers are known, again and again until it is closed. Each call must get its right answer,
 * or 503 because Redis is unavailable.
 */
public final class SteadyLoad implements AutoCloseable {
    private static final int UNAVAILABLE = 50301;
    private static final int CALLERS = 4;
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration PAUSE = Duration.ofMillis(2);

    private final TestGate gate;
    private final List<Question> questions;
    private final List<Thread> callers = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong right = new AtomicLong();
    private final AtomicLong unavailable = new AtomicLong();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    /**
     * A call of a device API.
     *
     * @param right the status of its right answer
     */
    public record Question(String credential, String target, int right) {
        /** Makes an account with a device and API keys, and returns calls whose answers depend on its records. */
        public static List<Question> of(TestGate gate) {
            return of(gate.newCustomer());
        }

        public static List<Question> of(Customer customer) {
            String device = "lamp-of-" + customer.account();
            customer.make("/devices", "{\"id\":\"" + device + "\",\"title\":\"n\"}");
            String key = customer.newKey(permission(device));
            String revoked = customer.newKey(permission(device));
            Question allowed = new Question(key, "/devices/" + device, 200);
            Question ended = new Question(revoked, "/devices/" + device, 401);
            assertThat(customer.keys("DELETE", "/keys/" + revoked, "").required("errno").intValue()).isZero();
            return List.of(allowed, ended, new Question(key, "/devices/another", 403),
                    // The master key permits the call, but the license covers only devices that the account has.
                    new Question(customer.masterKey(), "/devices/not-" + device, 403));
        }

        private static String permission(String device) {
            return "[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"" + device + "\"}]}]";
        }

        public int status(TestGate gate) {
            return gate.call(credential, "GET", target).status();
        }
    }

    public SteadyLoad(TestGate gate, List<Question> questions) {
        this.gate = gate;
        this.questions = questions;
        for (int i = 0; i < CALLERS; i++) {
            int first = i;
            callers.add(Thread.ofPlatform().daemon().name("steady-load-" + i).start(() -> ask(first)));
        }
    }

    private void ask(int first) {
        for (int i = first; !stopped.get(); i++) {
            Question question = questions.get(i % questions.size());
            try {
                note(question, gate.call(question.credential(), "GET", question.target()));
            } catch (RuntimeException failed) {
                wrong.add(question + ": " + failed);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void note(Question question, Reply reply) {
        if (reply.status() == question.right()) {
            right.incrementAndGet();
        } else if (reply.status() == 503 && reply.reason().equals("store_unavailable")) {
            unavailable.incrementAndGet();
        } else {
            wrong.add(question + ": " + reply.status() + " " + reply.text());
        }
    }

    /**
     * Makes an API key and revokes it: after that, no call with the key may be allowed. Repeats a step that fails
     * because Redis is unavailable.
     */
    public void revokeOne(Customer customer) {
        String device = "lamp-of-" + customer.account();
        String key = await().atMost(LIMIT).ignoreException(AssertionError.class)
                .until(() -> customer.newKey(Question.permission(device)), made -> true);
        Question allowed = new Question(key, "/devices/" + device, 200);
        await().atMost(LIMIT).until(() -> allowed.status(gate) == 200);
        await().atMost(LIMIT).until(
                () -> customer.keys("DELETE", "/keys/" + key, "").required("errno").intValue() != UNAVAILABLE);
        Question ended = new Question(key, "/devices/" + device, 401);
        for (int i = 0; i < 20; i++) {
            note(ended, gate.call(ended.credential(), "GET", ended.target()));
        }
    }

    /** Waits until this many more calls have got their right answers. */
    public void awaitRight(int more) {
        long before = right.get();
        await().atMost(LIMIT).until(() -> right.get() >= before + more);
    }

    long right() {
        return right.get();
    }

    long unavailable() {
        return unavailable.get();
    }

    /** Waits until each question gets its right answer again. */
    public void awaitHealed() {
        questions.forEach(question -> await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(question.status(gate)).isEqualTo(question.right())));
    }

    /** Fails if a call got a wrong answer. */
    public void assertNoneWrong() {
        assertThat(wrong).as("wrong answers, beside %s right ones", right).isEmpty();
    }

    @Override
    public void close() {
        stopped.set(true);
        try {
            for (Thread caller : callers) {
                caller.join(TimeUnit.SECONDS.toMillis(30));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
