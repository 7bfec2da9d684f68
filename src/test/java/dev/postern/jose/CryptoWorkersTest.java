package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.access.DenyReason;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

@Timeout(60)
class CryptoWorkersTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final CryptoWorkers workers = new CryptoWorkers("test-crypto", 1, 2);
    private final CountDownLatch free = new CountDownLatch(1);

    @AfterEach
    void end() {
        free.countDown();
        workers.close();
    }

    /** Keeps the one thread at work until {@link #free} is counted down. */
    private CompletableFuture<String> keepBusy() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<String> done = begin(workers, () -> {
            begun.countDown();
            await(free);
            return "done";
        });
        await(begun);
        return done;
    }

    private static CompletableFuture<String> begin(CryptoWorkers workers, Supplier<String> work) {
        CompletableFuture<String> result = new CompletableFuture<>();
        workers.run(work).subscribe(result::complete, result::completeExceptionally);
        return result;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void worksOnItsOwnThread() {
        assertThat(workers.run(() -> Thread.currentThread().getName()).block(LIMIT)).isEqualTo("test-crypto-1");
        assertThat(workers.run(() -> Thread.currentThread().isDaemon()).block(LIMIT)).isTrue();
    }

    @Test
    void worksOncePerSubscriptionAndNotBefore() {
        AtomicInteger times = new AtomicInteger();
        Mono<Integer> work = workers.run(times::incrementAndGet);

        assertThat(times).hasValue(0);
        assertThat(work.block(LIMIT)).isEqualTo(1);
        assertThat(work.block(LIMIT)).isEqualTo(2);
    }

    @Test
    void continuesOnTheEventLoopOfTheCaller() throws Exception {
        EventExecutor loop = new DefaultEventExecutor();
        try {
            CompletableFuture<Boolean> inLoop = new CompletableFuture<>();
            loop.execute(() -> workers.run(loop::inEventLoop)
                    .subscribe(workedInLoop -> inLoop.complete(loop.inEventLoop() && !workedInLoop)));
            CompletableFuture<Boolean> failedInLoop = new CompletableFuture<>();
            loop.execute(() -> workers.run(() -> {
                throw new IllegalStateException("broken");
            }).subscribe(_ -> {}, _ -> failedInLoop.complete(loop.inEventLoop())));

            assertThat(inLoop.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(failedInLoop.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).await(LIMIT.toMillis());
        }
    }

    @Test
    void continuesOnItsOwnThreadIfTheEventLoopHasShutDown() throws Exception {
        EventExecutor loop = new DefaultEventExecutor();
        CompletableFuture<String> where = new CompletableFuture<>();
        loop.submit(() -> workers.run(() -> {
            await(free);
            return "done";
        }).subscribe(_ -> where.complete(Thread.currentThread().getName()))).await(LIMIT.toMillis());
        assertThat(loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).await(LIMIT.toMillis())).isTrue();
        free.countDown();

        assertThat(where.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo("test-crypto-1");
    }

    @Test
    void refusesWorkAtOnceIfTheQueueIsFull() throws Exception {
        CompletableFuture<String> first = keepBusy();
        List<CompletableFuture<String>> waiting = List.of(begin(workers, () -> "second"),
                begin(workers, () -> "third"));

        assertThat(workers.waiting()).isEqualTo(2);
        assertThat(workers.refused()).isZero();
        for (int i = 1; i <= 3; i++) {
            assertThatExceptionOfType(CryptoWorkers.BusyException.class)
                    .isThrownBy(() -> workers.run(() -> "more").block(LIMIT))
                    .satisfies(busy -> assertThat(busy.getStackTrace()).isEmpty());
            assertThat(workers.refused()).isEqualTo(i);
        }
        free.countDown();

        assertThat(first.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo("done");
        assertThat(waiting.get(0).get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo("second");
        assertThat(waiting.get(1).get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo("third");
        assertThat(workers.waiting()).isZero();
        assertThat(workers.run(() -> "again").block(LIMIT)).isEqualTo("again");
        assertThat(workers.refused()).isEqualTo(3);
    }

    @Test
    void skipsTheWorkOfACallerThatIsGone() throws Exception {
        CompletableFuture<String> first = keepBusy();
        AtomicBoolean worked = new AtomicBoolean();
        Disposable gone = workers.run(() -> {
            worked.set(true);
            return "gone";
        }).subscribe();
        assertThat(workers.waiting()).isEqualTo(1);
        gone.dispose();

        assertThat(workers.waiting()).isZero();
        free.countDown();
        assertThat(first.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo("done");
        // The one thread runs tasks in order: once this task has run, the earlier one has run or never will.
        assertThat(workers.run(() -> "last").block(LIMIT)).isEqualTo("last");
        assertThat(worked).isFalse();
    }

    @Test
    void passesOnExceptions() {
        RefusedTokenException refused = new RefusedTokenException(DenyReason.TOKEN_SIGNATURE_INVALID, "wrong");

        assertThatThrownBy(() -> workers.run(() -> {
            throw refused;
        }).block(LIMIT)).isSameAs(refused);
        assertThat(workers.run(() -> "next").block(LIMIT)).isEqualTo("next");
    }

    @Test
    void passesOnErrors() {
        // A missing library shows only at its first use, as an error. The caller must not wait for ever.
        assertThatThrownBy(() -> workers.run(() -> {
            throw new ExceptionInInitializerError("no provider");
        }).block(LIMIT)).isInstanceOf(ExceptionInInitializerError.class).hasMessage("no provider");
        assertThat(workers.run(() -> "next").block(LIMIT)).isEqualTo("next");
    }

    @Test
    void worksOnSeveralThreadsAtOnce() throws Exception {
        try (CryptoWorkers two = new CryptoWorkers("test-two", 2, 10)) {
            CountDownLatch both = new CountDownLatch(2);
            List<CompletableFuture<String>> results = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                results.add(begin(two, () -> {
                    both.countDown();
                    await(both);
                    return Thread.currentThread().getName();
                }));
            }

            assertThat(List.of(results.get(0).get(LIMIT.toSeconds(), TimeUnit.SECONDS),
                    results.get(1).get(LIMIT.toSeconds(), TimeUnit.SECONDS)))
                    .containsExactlyInAnyOrder("test-two-1", "test-two-2");
        }
    }

    @Test
    void refusesEverythingOnceItIsClosed() {
        workers.close();

        assertThatExceptionOfType(CryptoWorkers.BusyException.class)
                .isThrownBy(() -> workers.run(() -> "late").block(LIMIT));
    }
}
