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
 * Tokens that are granted and revoked at one gate all the time, and called at all gates. Each answer is held against what was
 * granted when:
 * <ul>
 * <li>a call that began after a revocation was answered, with a receipt of all gates, is not allowed at any of them;
 * <li>after one that was answered otherwise it is not allowed at a gate that says to be sure of what was then;
 * <li>a call with what is granted is allowed, or refused with 503 because Redis is away.
 * </ul>
 */
final class GrantLoad implements AutoCloseable {
    private static final int GRANTERS = 2;
    private static final int CALLERS = 3;
    private static final int LIVE = 10;
    /** Of those that were revoked, so many of each granter are called on. */
    private static final int REVOKED = 40;
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration PAUSE = Duration.ofMillis(3);
    /** Until a change is tried again that failed because Redis is away. */
    private static final Duration OUTAGE_PAUSE = Duration.ofMillis(50);
    /** A gate that is sure of all changes heard of them no longer ago, and a call takes its time. */
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

    /** A token, and what is known of it; times are those of {@link System#nanoTime}, and never when they are null. */
    private static final class Grant {
        private final Customer customer;
        private final String id;
        private final String secret;
        /** Whether its grant outlives the server that took it in. */
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
     * @param gates     the first is told of changes
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

    /** Again and again, until it is answered; what is not found by then was ended by a call that could not say so. */
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
                // It has become older than the others just now.
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
                // What a server took in by itself may be lost with it.
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

    /** From now on there is one server, and what it has taken in is not lost. */
    void onlyOneIsLeft() {
        alone = true;
    }

    /** Whether it outlives the server that took it in, or that one is not going to be lost. */
    private boolean isLasting(JsonNode receipt) {
        return receipt.required("complete").booleanValue() || (alone && receipt.path("missing").isArray()
                && receipt.required("missing").isEmpty()
                && receipt.required("replicas").required("connected").intValue(-1) == 0);
    }

    /** Until so many more were revoked with the word of all gates. */
    void awaitRevoked(int more) {
        long before = sealedRevocations.get();
        await().atMost(LIMIT).until(() -> sealedRevocations.get() >= before + more || !wrong.isEmpty());
    }

    /** Ends granting and revoking, while calls go on. */
    void rest() {
        resting.set(true);
        await().atMost(LIMIT).until(() -> busy.get() == 0);
    }

    /** That none was answered wrongly so far. */
    void assertNoneWrong() {
        assertThat(wrong).as("wrong answers, beside %s", this).isEmpty();
        assertThat(allowed.get()).isPositive();
        assertThat(refused.get()).isPositive();
    }

    /** That a gate which knows nothing but what Redis has now answers as was granted, to each token that there ever was. */
    void assertRightAt(TestGate fresh) {
        assertThat(all).hasSizeGreaterThan(LIVE).allSatisfy(grant -> {
            if (grant.lastingEnd) {
                assertThat(status(fresh, grant)).as("revoked %s", grant.id).isEqualTo(401);
            } else if (!grant.revoking && grant.lasting) {
                assertThat(status(fresh, grant)).as("granted %s", grant.id).isEqualTo(200);
            }
        });
    }

    /** Once it is answered: Redis may be away for another moment. */
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
