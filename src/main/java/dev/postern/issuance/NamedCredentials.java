package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * The credentials of one kind that accounts have by name: what all such kinds can do.
 *
 * @param <L> a credential, as lists show it
 */
public interface NamedCredentials<L> {
    /** @param name a search term for the names; empty for all */
    Mono<Page<L>> list(AccountId account, Optional<String> name, Page.Request page);

    /** An error when the account has none with this id. */
    Mono<L> require(AccountId account, String id);

    /** Revokes it. An error when the account has none with this id. */
    Mono<Void> delete(AccountId account, String id);
}
