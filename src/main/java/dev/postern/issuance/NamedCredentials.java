package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import reactor.core.publisher.Mono;

/**
 * The operations that all kinds of named credentials share, for one kind.
 *
 * @param <L> a credential, as lists show it
 */
public interface NamedCredentials<L> {
    /** Lists the credentials of an account; without a search term, in the order of their creation. */
    Mono<Page<L>> list(AccountId account, CredentialFilter filter, Page.Request page);

    /** Reads a credential. Fails if the account has none with this ID. */
    Mono<L> require(AccountId account, String id);

    /** Revokes a credential. Fails if the account has none with this ID. */
    Mono<Void> delete(AccountId account, String id);
}
