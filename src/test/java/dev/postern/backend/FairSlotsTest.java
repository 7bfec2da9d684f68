package dev.postern.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.CredentialId;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.test.StepVerifier;

class FairSlotsTest {
    private static final AccountId ALICE = new AccountId("alice");
    private static final AccountId BOB = new AccountId("bob");
    private static final CredentialId ONE = new CredentialId("one");
    private static final CredentialId TWO = new CredentialId("two");

    private static FairSlots slots(int size, int waiting, double account, double credential) {
        return new FairSlots(new FairSlots.Bounds(size, waiting, Duration.ofSeconds(30), account, credential));
    }

    /** Takes all that one caller can have. */
    private static List<Slot> takeAll(FairSlots slots, AccountId account, CredentialId credential) {
        List<Slot> taken = new ArrayList<>();
        for (Slot slot = slots.takeNow(account, credential); slot != null; slot = slots.takeNow(account,
                credential)) {
            taken.add(slot);
        }
        return taken;
    }

    @ParameterizedTest
    @CsvSource({"512, 0.9, 1, 460", "512, 0.95, 1, 486", "512, 0.5, 1, 256", "8, 0.95, 1, 7", "4, 0.95, 1, 4",
            "1, 0.95, 1, 1",
            "512, 1, 1, 512"})
    void givesASingleAccountNearlyAllSlots(int size, double account, double credential, int wanted) {
        assertThat(takeAll(slots(size, 1, account, credential), ALICE, ONE)).hasSize(wanted);
    }

    @Test
    void wakesACallThatStartsToWaitAsTheLastSlotIsReleased() throws InterruptedException {
        FairSlots slots = slots(1, 1, 1, 1);
        for (int i = 0; i < 50_000; i++) {
            Slot held = slots.takeNow(ALICE, ONE);
            assertThat(held).isNotNull();
            CountDownLatch both = new CountDownLatch(2);
            Thread releasing = Thread.ofVirtual().start(() -> {
                both.countDown();
                while (both.getCount() > 0) {
                    Thread.onSpinWait();
                }
                held.release();
            });
            both.countDown();
            while (both.getCount() > 0) {
                Thread.onSpinWait();
            }
            Slot next = slots.take(BOB, ONE).block(Duration.ofSeconds(20));
            releasing.join();
            assertThat(next).isNotNull();
            next.release();
        }
    }

    /** A call waits and leaves on its event loop; another one releases the slot meanwhile. */
    @Test
    void losesNoSlotIfAWaitingCallLeavesAsItIsGrantedOne() throws Exception {
        FairSlots slots = slots(1, 1, 1, 1);
        EventLoop loop = new DefaultEventLoop();
        try {
            for (int i = 0; i < 2_000; i++) {
                Slot held = slots.takeNow(ALICE, ONE);
                assertThat(held).as("round %d", i).isNotNull();
                Disposable waiting = loop.submit(() -> slots.take(BOB, ONE).subscribe(Slot::release)).get();
                AtomicInteger ready = new AtomicInteger();
                Future<?> left = loop.submit(() -> {
                    meet(ready);
                    waiting.dispose();
                });
                meet(ready);
                held.release();
                left.get();
                loop.submit(() -> {}).get();
                assertThat(slots.held()).as("round %d", i).isZero();
            }
        } finally {
            var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static void meet(AtomicInteger ready) {
        ready.incrementAndGet();
        while (ready.get() < 2) {
            // Not Thread.onSpinWait, which an event loop may not call under BlockHound.
        }
    }

    @Test
    void leavesRoomForTheNextAccount() {
        FairSlots slots = slots(512, 1, 0.95, 1);
        takeAll(slots, ALICE, ONE);

        assertThat(takeAll(slots, BOB, ONE)).hasSizeGreaterThan(20);
    }

    @Test
    void leavesRoomForAGreedyThirdAccount() {
        FairSlots slots = slots(512, 1, 0.9, 1);
        takeAll(slots, new AccountId("greedy-1"), ONE);
        takeAll(slots, new AccountId("greedy-2"), ONE);

        assertThat(slots.takeNow(BOB, ONE)).isNotNull();
    }

    @Test
    void leavesRoomForTheOtherCredentialsOfAnAccount() {
        FairSlots slots = slots(512, 1, 0.9, 0.8);
        int first = takeAll(slots, ALICE, ONE).size();

        assertThat(first).isEqualTo(409);
        assertThat(takeAll(slots, ALICE, TWO)).hasSizeGreaterThan(20);
        assertThat(slots.takeNow(BOB, ONE)).isNotNull();
    }

    @Test
    void givesFreedSlotsToAccountsInTurn() {
        FairSlots slots = slots(4, 100, 1, 1);
        List<Slot> held = takeAll(slots, ALICE, ONE);
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            slots.take(ALICE, ONE).subscribe(_ -> order.add("alice"));
        }
        slots.take(BOB, ONE).subscribe(_ -> order.add("bob"));

        held.forEach(Slot::release);

        assertThat(order).containsExactly("alice", "bob", "alice", "alice");
    }

    @Test
    void doesNotLetACredentialOvertakeItsOwnCalls() {
        FairSlots slots = slots(1, 100, 1, 1);
        Slot held = slots.takeNow(ALICE, ONE);
        slots.take(ALICE, ONE).subscribe();

        assertThat(slots.takeNow(ALICE, ONE)).isNull();
        assertThat(held).isNotNull();
    }

    @Test
    void boundsTheQueue() {
        FairSlots slots = slots(1, 8, 0.5, 1);
        takeAll(slots, ALICE, ONE);
        List<Disposable> waiting = new ArrayList<>();
        AtomicInteger refused = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            waiting.add(slots.take(ALICE, ONE).subscribe(_ -> {}, _ -> refused.incrementAndGet()));
        }

        assertThat(slots.waiting()).isEqualTo(4);
        assertThat(refused).hasValue(16);
        assertThat(slots.refused()).isEqualTo(16);
        Disposable bob = slots.take(BOB, ONE).subscribe();
        assertThat(slots.waiting()).isEqualTo(5);
        waiting.forEach(Disposable::dispose);
        bob.dispose();
        assertThat(slots.waiting()).isZero();
    }

    @Test
    void timesOut() {
        FairSlots slots = new FairSlots(new FairSlots.Bounds(1, 8, Duration.ofMillis(50), 1, 1));
        takeAll(slots, ALICE, ONE);

        StepVerifier.create(slots.take(BOB, ONE)).expectError(BackendBusyException.class)
                .verify(Duration.ofSeconds(20));
        assertThat(slots.waiting()).isZero();
        assertThat(slots.held()).isEqualTo(1);
    }

    @Test
    void releasesEachSlotOnce() {
        FairSlots slots = slots(2, 8, 1, 1);
        Slot slot = slots.takeNow(ALICE, ONE);
        assertThat(slot).isNotNull();

        slot.release();
        slot.release();

        assertThat(slots.held()).isZero();
    }

    @Test
    void movesALongCallToOtherSlots() {
        FairSlots calls = slots(2, 8, 1, 1);
        FairSlots streams = slots(1, 8, 1, 1);
        Slot first = calls.takeNow(ALICE, ONE);
        Slot second = calls.takeNow(ALICE, ONE);
        assertThat(first).isNotNull();
        assertThat(second).isNotNull();

        assertThat(first.moveTo(streams)).isTrue();
        assertThat(second.moveTo(streams)).isFalse();

        assertThat(calls.held()).isEqualTo(1);
        assertThat(streams.held()).isEqualTo(1);
        first.release();
        second.release();
        assertThat(calls.held() + streams.held()).isZero();
    }

    /**
     * Takes random steps, one after the other. After each step, the number of slots in use is right, and nobody waits
     * while no slot is in use.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void neitherLosesNorInventsSlots(long seed) {
        Random random = new Random(seed);
        int size = 1 + random.nextInt(30);
        FairSlots slots = slots(size, 1 + random.nextInt(40), 0.5 + random.nextDouble() / 2,
                0.5 + random.nextDouble() / 2);
        List<Slot> held = new ArrayList<>();
        Map<Integer, Disposable> waiting = new HashMap<>();
        for (int step = 0; step < 5_000; step++) {
            AccountId account = new AccountId("a" + random.nextInt(4));
            CredentialId credential = new CredentialId("c" + random.nextInt(3));
            switch (random.nextInt(4)) {
                case 0 -> add(held, slots.takeNow(account, credential));
                case 1 -> {
                    int id = step;
                    waiting.put(id, slots.take(account, credential).subscribe(held::add, _ -> {}));
                }
                case 2 -> {
                    if (!held.isEmpty()) {
                        held.remove(random.nextInt(held.size())).release();
                    }
                }
                default -> waiting.values().stream().skip(random.nextInt(waiting.size() + 1)).findFirst()
                        .ifPresent(Disposable::dispose);
            }
            assertThat(slots.held()).isEqualTo(held.size()).isLessThanOrEqualTo(size);
            assertThat(slots.waiting() == 0 || slots.held() > 0).as("somebody waits for nothing").isTrue();
        }
        waiting.values().forEach(Disposable::dispose);
        List.copyOf(held).forEach(Slot::release);
        assertThat(slots.held()).isZero();
        assertThat(slots.waiting()).isZero();
    }

    private static void add(List<Slot> held, @Nullable Slot slot) {
        if (slot != null) {
            held.add(slot);
        }
    }

    @Test
    void losesNoSlotsUnderConcurrency() throws InterruptedException {
        FairSlots slots = new FairSlots(new FairSlots.Bounds(16, 64, Duration.ofMillis(2), 0.9, 0.8));
        int threads = 16;
        CountDownLatch done = new CountDownLatch(threads);
        AtomicInteger most = new AtomicInteger();
        for (int thread = 0; thread < threads; thread++) {
            AccountId account = new AccountId("a" + thread % 5);
            CredentialId credential = new CredentialId("c" + thread % 2);
            Random random = new Random(thread);
            Thread.ofPlatform().daemon().start(() -> {
                for (int i = 0; i < 2_000; i++) {
                    Disposable call = slots.take(account, credential).doOnNext(slot -> {
                        most.accumulateAndGet(slots.held(), Math::max);
                        slot.release();
                    }).subscribe(_ -> {}, _ -> {});
                    if (random.nextInt(3) == 0) {
                        call.dispose();
                    }
                }
                done.countDown();
            });
        }

        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> slots.waiting() == 0);
        org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> slots.held() == 0);
        assertThat(most.get()).isBetween(1, 16);
    }
}
