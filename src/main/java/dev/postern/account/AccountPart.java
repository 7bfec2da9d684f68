package dev.postern.account;

import dev.postern.access.AccountId;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Data that an account owns besides its credentials, such as its devices or projects. Deleting an account deletes every part:
 * a class that stores something under an account implements this.
 */
public interface AccountPart {
    /** Keys in the account's slot that can be deleted in one step, together with the account's record. */
    default List<String> keys(AccountId account) {
        return List.of();
    }

    /** Deletes what takes more than that, before the account's record. Called again after a failure. */
    default Mono<Void> delete(AccountId account) {
        return Mono.empty();
    }
}
