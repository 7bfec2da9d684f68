package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Resources that are found and created one by one. */
abstract class EachPart<T> implements TransferPart<T> {
    private static final int AT_ONCE = 16;

    /** The resource as the account has it; empty if it has none. */
    abstract Mono<Resource> find(AccountId account, T wanted);

    abstract Mono<Void> create(AccountId account, T wanted);

    @Override
    public final Mono<Map<String, Resource>> find(AccountId account, List<T> wanted) {
        return Flux.fromIterable(wanted).flatMap(one -> find(account, one), AT_ONCE).collectMap(Resource::id);
    }

    @Override
    public final Flux<Optional<RuntimeException>> create(AccountId account, List<T> wanted) {
        // One after the other, because lists are in the order of creation.
        return Flux.fromIterable(wanted).concatMap(one -> refusal(create(account, one)));
    }

    /** Why a change was refused; empty if it was made. An outage is an error. */
    static Mono<Optional<RuntimeException>> refusal(Mono<Void> change) {
        return change.thenReturn(Optional.<RuntimeException>empty())
                .onErrorResume(LineFault.class, refused -> Mono.just(Optional.of(refused)))
                .onErrorResume(ChangeRefusedException.class, refused -> Mono.just(Optional.of(refused)))
                .onErrorResume(ConcurrentChangeException.class, refused -> Mono.just(Optional.of(refused)));
    }

    /** Refuses to change members that are settled when a resource is created. */
    static void requireUnchanged(List<String> differences, String... settled) {
        for (String member : settled) {
            if (differences.contains(member)) {
                throw new LineFault(LineFault.Reason.NOT_CHANGEABLE, Optional.of(member), member + " of the resource "
                        + "is different. An import does not change it" + (member.equals(Secrets.MEMBER)
                                ? ": the secret was replaced. Export again, or delete the resource first."
                                : ". Delete the resource first."));
            }
        }
    }
}
