package dev.postern.account;

import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * The revision of the record that a call reads or changes. The management API puts one into the context of each call.
 * Code that reads or writes the record reports its revision. Before code changes the record, it requires that the
 * record is as the caller expects. Outside of such calls, nothing is expected and reports have no effect.
 *
 * <p>{@link #require} alone does not prevent a lost update: the change must fail if the record was changed after the
 * check, and the check must be repeated.
 */
public final class CallRevision {
    private final Optional<Predicate<Revision>> expected;
    private volatile @Nullable Revision latest;

    /** @param expected which revisions the caller expects; empty if it accepts any */
    public CallRevision(Optional<Predicate<Revision>> expected) {
        this.expected = expected;
    }

    /** Makes this the revision of the calls in a context. */
    public Context in(Context context) {
        return context.put(CallRevision.class, this);
    }

    /** The revision that was reported last; empty if none was. */
    public Optional<Revision> latest() {
        return Optional.ofNullable(latest);
    }

    /** Reports that the current call read or wrote the record in this state. */
    public static Mono<Void> note(Revision revision) {
        return Mono.deferContextual(context -> {
            context.<CallRevision>getOrEmpty(CallRevision.class).ifPresent(call -> call.latest = revision);
            return Mono.empty();
        });
    }

    /** Whether the caller of the current call expects a certain state. */
    public static Mono<Boolean> isExpected() {
        return Mono.deferContextual(context -> Mono.just(context.<CallRevision>getOrEmpty(CallRevision.class)
                .flatMap(call -> call.expected).isPresent()));
    }

    /** Fails with {@link ChangeRefusedException} if the caller of the current call expects a different state. */
    public static Mono<Void> require(Revision present) {
        return Mono.deferContextual(context -> context.<CallRevision>getOrEmpty(CallRevision.class)
                .flatMap(call -> call.expected).filter(expected -> !expected.test(present)).isEmpty()
                        ? Mono.empty()
                        : Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.CHANGED,
                                "The resource is not in the state that the call expects. Read it again.")));
    }
}
