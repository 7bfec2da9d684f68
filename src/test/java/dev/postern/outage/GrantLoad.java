package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Grants and revokes tokens at one gate all the time, and makes calls with them at all gates. Each answer is compared
 * with what was granted at the time:
 * <ul>
 * <li>if all gates confirmed a revocation in its receipt, a call that began after that answer is not allowed at any
 * gate;
 * <li>if a revocation was answered without that, a later call is not allowed at a gate that says that it already knew
 * all changes of that time;
 * <li>a call with a granted token is allowed, or refused with 503 because Redis is away, unless the grant may be lost
 * with the server that took it in.
 * </ul>
 */
final class GrantLoad implements AutoCloseable {
    private static final int GRANTERS = 2;
    private static final int CALLERS = 3;
    private static final int LIVE = 10;
    /** How many revoked tokens of each granter are still called. */
    private static final int REVOKED = 40;
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration PAUSE = Duration.ofMillis(3);
    /** The pause before a change that failed because Redis is away is tried again. */
    private static final Duration OUTAGE_PAUSE = Duration.ofMillis(50);
    /** A gate that is sure of all changes heard from Redis at most this long ago; this includes the time of a call. */
    private static final Duration SURE_WITHIN = Duration.ofSeconds(3);

    private final List<TestGate> gates;
    private final List<Customer> customers;
    private final List<Grant> called = new CopyOnWriteArrayList<>();
    private final Queue<Grant> all = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private volatile boolean alone;
    private final AtomicBoolean resting = new AtomicBoolean();
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicInteger names = new AtomicInteger();
    private final AtomicLong allowed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong unavailable = new AtomicLong();
    private final AtomicLong revocations = new AtomicLong();
    private final AtomicLong sealedRevocations = new AtomicLong();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    /** A token, and what is known of it. Times are those of {@link System#nanoTime}; null means never. */
    private static final class Grant {
        private final Customer customer;
        private final String id;
        private final String secret;
        /** Whether the grant will not be lost with the server that took it in. */
        private final boolean lasting;
        private volatile boolean revoking;
        private volatile @Nullable Long answered;
        private volatile @Nullable Long knownToAll;
        private volatile boolean lastingEnd;

        Grant(Customer customer, JsonNode made, boolean lasting) {
            this.customer = customer;
            this.id = made.required("id").stringValue();
            this.secret = made.required("token").stringValue();
            this.lasting = lasting;
        }
    }

    /**
     * @param gates     changes are made at the first
     * @param customers whose tokens they are
     */
    GrantLoad(List<TestGate> gates, List<Customer> customers) {
        this.gates = gates;
        this.customers = customers;
        for (int i = 0; i < GRANTERS; i++) {
            int seed = i;
            threads.add(Thread.ofPlatform().daemon().name("granter-" + i).start(() -> grant(new Random(seed))));
        }
        for (int i = 0; i < CALLERS; i++) {
            int seed = i;
            threads.add(Thread.ofPlatform().daemon().name("caller-" + i).start(() -> call(new Random(seed))));
        }
    }

    private void grant(Random random) {
        Deque<Grant> live = new ArrayDeque<>();
        Deque<Grant> ended = new ArrayDeque<>();
        while (!stopped.get()) {
            if (resting.get()) {
                LockSupport.parkNanos(PAUSE.toNanos());
                continue;
            }
            busy.incrementAndGet();
            try {
                make(customers.get(random.nextInt(customers.size())), live);
                if (live.size() > LIVE) {
                    Grant grant = live.remove();
                    revoke(grant);
                    ended.add(grant);
                }
                if (ended.size() > REVOKED) {
                    called.remove(ended.remove());
                }
            } catch (RuntimeException failed) {
                wrong.add("granting failed: " + failed);
            } finally {
                busy.decrementAndGet();
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void make(Customer customer, Deque<Grant> live) {
        Reply made = customer.manage("POST", "/static-tokens?receipt=true",
                "{\"name\":\"" + customer.account() + " " + names.incrementAndGet() + "\"}");
        if (made.status() == 201) {
            Grant grant = new Grant(customer, made.json(),
                    isLasting(made.json().required("receipt")));
            live.add(grant);
            all.add(grant);
            called.add(grant);
        } else if (made.status() == 503) {
            LockSupport.parkNanos(OUTAGE_PAUSE.toNanos());
        } else {
            wrong.add("granting: " + made.status() + " " + made.text());
        }
    }

    /**
     * Tries again and again, until the revocation is answered. If the token is not found, an earlier try has revoked
     * it, although its answer was an outage.
     */
    private void revoke(Grant grant) {
        grant.revoking = true;
        while (!stopped.get()) {
            Reply reply = grant.customer.manage("DELETE", "/static-tokens/" + grant.id + "?receipt=true", "");
            long now = System.nanoTime();
            if (reply.status() == 200) {
                JsonNode receipt = reply.json().required("receipt");
                revocations.incrementAndGet();
                grant.lastingEnd = isLasting(receipt);
                if (grant.lastingEnd && receipt.required("confirmed").size() == gates.size()) {
                    sealedRevocations.incrementAndGet();
                    grant.knownToAll = now;
                }
                grant.answered = now;
                return;
            }
            if (reply.status() == 404) {
                return;
            }
            if (reply.status() != 503) {
                wrong.add("revoking: " + reply.status() + " " + reply.text());
                return;
            }
            LockSupport.parkNanos(OUTAGE_PAUSE.toNanos());
        }
    }

    private void call(Random random) {
        while (!stopped.get()) {
            int size = called.size();
            try {
                if (size > 0) {
                    ask(called.get(random.nextInt(size)), random.nextInt(gates.size()));
                }
            } catch (IndexOutOfBoundsException fewerNow) {
                // The list has become shorter just now.
            } catch (RuntimeException failed) {
                wrong.add("calling failed: " + failed);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void ask(Grant grant, int gate) {
        long began = System.nanoTime();
        Reply reply = gates.get(gate).call(grant.secret, "GET", "/devices/lamp");
        String what = "gate " + gate + ", " + grant.customer.account() + " " + grant.id + ": ";
        switch (reply.status()) {
            case 200 -> {
                allowed.incrementAndGet();
                Long known = grant.knownToAll;
                if (known != null && began - known > 0) {
                    wrong.add(what + "allowed " + (began - known) / 1e6 + " ms after all gates knew of its end");
                }
                Long answered = grant.answered;
                long bound = (long) (Double.parseDouble(reply.header("X-Postern-Staleness").split(";", -1)[0]) * 1e9)
                        + SURE_WITHIN.toNanos();
                if (answered != null && began - bound - answered > 0) {
                    wrong.add(what + "allowed " + (began - answered) / 1e6 + " ms after its end, with "
                            + reply.header("X-Postern-Staleness"));
                }
            }
            case 401 -> {
                refused.incrementAndGet();
                // A grant that only one server took in may be lost with that server.
                if (!grant.revoking && grant.lasting) {
                    wrong.add(what + "refused, though it is granted: " + reply.text());
                }
            }
            default -> {
                if (reply.status() == 503 && reply.reason().equals("store_unavailable")) {
                    unavailable.incrementAndGet();
                } else {
                    wrong.add(what + reply.status() + " " + reply.text());
                }
            }
        }
    }

    /** Notes that there is only one server from now on, and that what it has taken in will not be lost. */
    void onlyOneIsLeft() {
        alone = true;
    }

    /**
     * Whether the change will last: either it is not lost with the server that took it in, or that server will not be
     * lost.
     */
    private boolean isLasting(JsonNode receipt) {
        return receipt.required("complete").booleanValue() || (alone && receipt.path("missing").isArray()
                && receipt.required("missing").isEmpty()
                && receipt.required("replicas").required("connected").intValue(-1) == 0);
    }

    /** Waits until all gates have confirmed this many more revocations. */
    void awaitRevoked(int more) {
        long before = sealedRevocations.get();
        await().atMost(LIMIT).until(() -> sealedRevocations.get() >= before + more || !wrong.isEmpty());
    }

    /** Ends granting and revoking, while calls go on. */
    void rest() {
        resting.set(true);
        await().atMost(LIMIT).until(() -> busy.get() == 0);
    }

    /** Asserts that no call was answered wrongly so far. */
    void assertNoneWrong() {
        assertThat(wrong).as("wrong answers, beside %s", this).isEmpty();
        assertThat(allowed.get()).isPositive();
        assertThat(refused.get()).isPositive();
    }

    /**
     * Asserts that a gate that knows only what Redis has now gives the right answer for each token that there ever was.
     */
    void assertRightAt(TestGate fresh) {
        assertThat(all).hasSizeGreaterThan(LIVE).allSatisfy(grant -> {
            if (grant.lastingEnd) {
                assertThat(status(fresh, grant)).as("revoked %s", grant.id).isEqualTo(401);
            } else if (!grant.revoking && grant.lasting) {
                assertThat(status(fresh, grant)).as("granted %s", grant.id).isEqualTo(200);
            }
        });
    }

    /** The status of the first answer that is not an outage: Redis may be away for another moment. */
    private static int status(TestGate gate, Grant grant) {
        return await().atMost(LIMIT).pollDelay(Duration.ZERO)
                .until(() -> gate.call(grant.secret, "GET", "/devices/lamp"),
                        reply -> reply.status() != 503 || !reply.reason().equals("store_unavailable"))
                .status();
    }

    @Override
    public String toString() {
        return "%d allowed, %d refused, %d with 503; %d revocations, of which %d with the word of all gates and replicas"
                .formatted(allowed.get(), refused.get(), unavailable.get(), revocations.get(),
                        sealedRevocations.get());
    }

    @Override
    public void close() {
        stopped.set(true);
        try {
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(30));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
