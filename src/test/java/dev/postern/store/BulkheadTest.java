package dev.postern.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class BulkheadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Bulkhead bulkhead = new Bulkhead("lists", new Bulkhead.Limits(1, 2, 2, 3, PATIENCE), Runnable::run);
    private final List<String> begun = new ArrayList<>();

    /** A piece of work that is under way until it is told to end. */
    private final class Work {
        final Sinks.One<String> end = Sinks.one();
        final List<Object> outcomes = new ArrayList<>();
        final Disposable call;

        Work(String account, String name) {
            call = bulkhead.run(account, Mono.defer(() -> {
                begun.add(name);
                return end.asMono();
            })).subscribe(outcomes::add, outcomes::add);
        }

        void end() {
            end.tryEmitValue("done").orThrow();
        }
    }

    @Test
    void runsTheTasksOfAnAccountOneAfterTheOther() {
        Work first = new Work("acme", "first");
        Work second = new Work("acme", "second");
        assertThat(begun).containsExactly("first");
        assertThat(bulkhead.waiting()).isOne();

        first.end();

        assertThat(first.outcomes).containsExactly("done");
        assertThat(begun).containsExactly("first", "second");
        second.end();
        assertThat(bulkhead.running()).isZero();
        assertThat(bulkhead.waiting()).isZero();
    }

    @Test
    void refusesTooManyTasksOfAnAccount() {
        new Work("acme", "first");
        new Work("acme", "second");
        new Work("acme", "third");

        assertThatExceptionOfType(BulkheadFullException.class)
                .isThrownBy(() -> bulkhead.run("acme", Mono.just("fourth")).block())
                .withMessageContaining("account acme");
        assertThat(bulkhead.run("other", Mono.just("its own")).block()).isEqualTo("its own");
        assertThat(bulkhead.refused()).isOne();
        assertThat(begun).containsExactly("first");
    }

    @Test
    void servesWaitingAccountsInTurn() {
        Work a1 = new Work("a", "a1");
        new Work("b", "b1");
        new Work("a", "a2");
        new Work("a", "a3");
        new Work("c", "c1");

        a1.end();

        // Account c waits, too, so it has its turn before account a has another.
        assertThat(begun).containsExactlyInAnyOrder("a1", "b1", "c1").doesNotContain("a2");
    }

    @Test
    void refusesTooManyTasksInTotal() {
        new Work("a", "a1");
        new Work("b", "b1");
        new Work("c", "c1");
        new Work("d", "d1");
        new Work("e", "e1");

        assertThatExceptionOfType(BulkheadFullException.class)
                .isThrownBy(() -> bulkhead.run("f", Mono.just("f1")).block());
        assertThat(begun).containsExactly("a1", "b1");
    }

    @Test
    void givesThePlaceOfACancelledTaskToTheNext() {
        Work running = new Work("acme", "running");
        Work waiting = new Work("acme", "waiting");
        Work last = new Work("acme", "last");

        waiting.call.dispose();
        running.call.dispose();

        assertThat(begun).containsExactly("running", "last");
        last.end();
        assertThat(last.outcomes).containsExactly("done");
        assertThat(bulkhead.running()).isZero();
        assertThat(bulkhead.waiting()).isZero();
    }

    @Test
    void givesThePlaceOfAFailedTaskToTheNext() {
        Work failing = new Work("acme", "failing");
        Work next = new Work("acme", "next");

        failing.end.tryEmitError(new IllegalStateException("no")).orThrow();

        assertThat(failing.outcomes).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(begun).containsExactly("failing", "next");
        assertThat(bulkhead.running()).isOne();
        next.end();
    }

    @Test
    void timesOutWaitingTasks() {
        Bulkhead impatient = new Bulkhead("lists", new Bulkhead.Limits(1, 2, 2, 3, Duration.ofMillis(50)),
                Runnable::run);
        Disposable running = impatient.run("acme", Mono.never()).subscribe();

        assertThatExceptionOfType(BulkheadFullException.class)
                .isThrownBy(() -> impatient.run("acme", Mono.just("late")).block(PATIENCE));
        assertThat(impatient.waiting()).isZero();
        assertThat(impatient.running()).isOne();
        running.dispose();
        assertThat(impatient.run("acme", Mono.just("free again")).block(PATIENCE)).isEqualTo("free again");
    }
}
