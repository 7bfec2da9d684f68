package dev.postern.transfer;

import dev.postern.access.AccountId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One kind of resources: how it is read from the store and from lines, and how it is changed. A change that is not
 * possible fails with {@link LineFault} or {@link dev.postern.account.ChangeRefusedException}.
 *
 * @param <T> a resource, as it is read from a line
 */
interface TransferPart<T> {
    ResourceKind kind();

    /** All of an account, in the order in which they can be created again. */
    Flux<Resource> all(AccountId account);

    /** @throws LineFault if the line is wrong */
    T read(AccountId account, Members line);

    /** The same resource in the form of {@link #all}. */
    Resource write(AccountId account, T wanted);

    /** Those of the resources that the account has, by ID. */
    Mono<Map<String, Resource>> find(AccountId account, List<T> wanted);

    /** Creates resources independently of each other. Returns for each, in the same order, why it was refused. */
    Flux<Optional<RuntimeException>> create(AccountId account, List<T> wanted);

    /** @param differences the members that differ */
    Mono<Void> change(AccountId account, T wanted, List<String> differences);

    /** Completes what an interrupted import may have left undone for a resource that is as wanted. */
    default Mono<Void> complete(AccountId account, T wanted) {
        return Mono.empty();
    }

    /** Fails if a resource could not be created. Changes nothing. */
    Mono<Void> checkCreation(AccountId account, T wanted, Forecast forecast);

    /** Fails if a resource could not be changed. Changes nothing. */
    default Mono<Void> checkChange(AccountId account, T wanted, List<String> differences, Forecast forecast) {
        return Mono.empty();
    }

    /** Deletes a resource that the account has. */
    Mono<Void> delete(AccountId account, Resource present);
}
