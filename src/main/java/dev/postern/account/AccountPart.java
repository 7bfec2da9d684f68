package dev.postern.account;

import dev.postern.access.AccountId;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Data that an account owns besides its credentials, such as its devices or projects. Deleting an account deletes every
 * part: every class that stores data under an account must implement this interface, or its data is left behind.
 */
public interface AccountPart {
    /** Keys in the account's slot that are deleted atomically with the account's record. */
    default List<String> keys(AccountId account) {
        return List.of();
    }

    /** Deletes everything else, before the account's record is deleted. Called again after a failure. */
    default Mono<Void> delete(AccountId account) {
        return Mono.empty();
    }
}
