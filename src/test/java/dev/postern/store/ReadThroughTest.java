package dev.postern.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class ReadThroughTest {
    private static final OutageSettings OUTAGE = new OutageSettings(Duration.ofMinutes(5), Duration.ofSeconds(30));

    private final AtomicLong nanos = new AtomicLong();
    private final ChangeView view = new ChangeView(OUTAGE, nanos::get);
    /** What the store was asked, to be answered by the test. */
    private final List<CompletableFuture<String>> asked = new ArrayList<>();
    private final ReadThrough<String, String> cache = new ReadThrough<>(view, key -> key,
            _ -> Duration.ofSeconds(30).toNanos(), String::length, 1 << 20, this::ask);

    private Mono<String> ask(String key) {
        return Mono.defer(() -> {
            CompletableFuture<String> reply = new CompletableFuture<>();
            asked.add(reply);
            return Mono.fromFuture(reply, true);
        });
    }

    @Test
    void readsOnceForConcurrentCallers() {
        view.caughtUp(nanos.get());
        List<CompletableFuture<String>> callers = new ArrayList<>();
        // The first caller goes away again, and the others wait for the read that it began.
        cache.get("lamp", Patience.READ).subscribe().dispose();
        for (int i = 0; i < 100; i++) {
            callers.add(get());
        }

        asked.getFirst().complete("on");

        assertThat(callers).allSatisfy(caller -> assertThat(caller).isCompletedWithValue("on"));
        assertThat(asked).hasSize(1);
        assertThat(get()).as("remembered").isCompletedWithValue("on");
        assertThat(asked).hasSize(1);
        assertThat(cache.underWay()).isZero();
    }

    /** A refill that began before a revocation, and ends after it. */
    @Test
    void discardsAReplyThatAChangeOvertook() {
        view.caughtUp(nanos.get());
        CompletableFuture<String> caller = get();

        view.changed("lamp");
        asked.getFirst().complete("before");

        assertThat(caller).as("is not told what was").isNotDone();
        asked.get(1).complete("after");
        assertThat(caller).isCompletedWithValue("after");
        assertThat(get()).isCompletedWithValue("after");
    }

    @Test
    void doesNotJoinAReadThatBeganBeforeAChange() {
        view.caughtUp(nanos.get());
        CompletableFuture<String> before = get();
        view.changed("lamp");

        CompletableFuture<String> after = get();
        assertThat(asked).hasSize(2);
        asked.get(1).complete("after");
        assertThat(after).isCompletedWithValue("after");
        asked.get(0).complete("before");

        assertThat(before).isNotDone();
        asked.get(2).complete("after");
        assertThat(before).isCompletedWithValue("after");
        assertThat(get()).isCompletedWithValue("after");
    }

    @Test
    void givesUpIfARecordChangesFasterThanItCanBeRead() {
        view.caughtUp(nanos.get());
        CompletableFuture<String> caller = get();
        for (int i = 0; !caller.isDone(); i++) {
            view.changed("lamp");
            asked.get(i).complete("of then");
        }

        assertThat(asked).hasSize(8);
        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> failure(caller));
    }

    @Test
    void cachesNoFailure() {
        view.caughtUp(nanos.get());
        CompletableFuture<String> caller = get();
        asked.getFirst().completeExceptionally(new StoreUnavailableException("away"));
        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> failure(caller));

        CompletableFuture<String> next = get();
        asked.get(1).complete("on");

        assertThat(next).isCompletedWithValue("on");
    }

    @Test
    void usesItsCacheIfTheStoreDoesNotAnswer() {
        view.caughtUp(nanos.get());
        CompletableFuture<String> first = get();
        asked.getFirst().complete("on");
        assertThat(first).isCompletedWithValue("on");

        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        CompletableFuture<String> inDoubt = get();
        assertThat(asked).as("Redis may still answer").hasSize(2);
        asked.get(1).completeExceptionally(new StoreUnavailableException("away"));
        assertThat(inDoubt).isCompletedWithValue("on");

        nanos.addAndGet(Duration.ofMinutes(5).toNanos());
        CompletableFuture<String> late = get();
        asked.get(2).completeExceptionally(new StoreUnavailableException("away"));
        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> failure(late));
    }

    private CompletableFuture<String> get() {
        CompletableFuture<String> answer = new CompletableFuture<>();
        var _ = cache.get("lamp", Patience.READ).subscribe(answer::complete, answer::completeExceptionally);
        return answer;
    }

    /** A read may never end, for example because memory runs out while its reply is processed. */
    @Test
    void timesOut() {
        view.caughtUp(nanos.get());
        AtomicInteger readings = new AtomicInteger();
        ReadThrough<String, String> brief = new ReadThrough<>(view, key -> key, _ -> Duration.ofSeconds(30).toNanos(),
                String::length, 1 << 20, _ -> readings.getAndIncrement() == 0 ? Mono.never() : Mono.just("on"),
                Duration.ofMillis(100));
        CompletableFuture<?> first = brief.get("lamp", Patience.READ).toFuture();
        CompletableFuture<?> joined = brief.get("lamp", Patience.READ).toFuture();

        assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> first.get(20, TimeUnit.SECONDS))
                .withCauseInstanceOf(StoreUnavailableException.class);
        assertThat(joined).failsWithin(Duration.ofSeconds(20));
        assertThat(readings).as("readings").hasValue(1);
        assertThat(brief.get("lamp", Patience.READ).block(Duration.ofSeconds(20))).isEqualTo("on");
        assertThat(brief.underWay()).isZero();
    }

    @Test
    void survivesASourceThatThrows() {
        view.caughtUp(nanos.get());
        AtomicInteger readings = new AtomicInteger();
        ReadThrough<String, String> cache = new ReadThrough<>(view, key -> key, _ -> Duration.ofSeconds(30).toNanos(),
                String::length, 1 << 20, _ -> {
                    if (readings.getAndIncrement() == 0) {
                        throw new StackOverflowError("of a test");
                    }
                    return Mono.just("on");
                });

        assertThatExceptionOfType(StackOverflowError.class)
                .isThrownBy(() -> cache.get("lamp", Patience.READ).block(Duration.ofSeconds(20)));
        assertThat(cache.underWay()).isZero();
        assertThat(cache.get("lamp", Patience.READ).block(Duration.ofSeconds(20))).isEqualTo("on");
    }

    private static void failure(CompletableFuture<String> call) throws Throwable {
        throw call.exceptionNow();
    }
}
