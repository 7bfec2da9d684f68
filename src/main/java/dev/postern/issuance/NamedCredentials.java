package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import reactor.core.publisher.Mono;

/**
 * The credentials of one kind that accounts have by name: what all such kinds can do.
 *
 * @param <L> a credential, as lists show it
 */
public interface NamedCredentials<L> {
    /** Lists those of an account; without a search term, in the order of their creation. */
    Mono<Page<L>> list(AccountId account, CredentialFilter filter, Page.Request page);

    /** An error when the account has none with this id. */
    Mono<L> require(AccountId account, String id);

    /** Revokes it. An error when the account has none with this id. */
    Mono<Void> delete(AccountId account, String id);
}
