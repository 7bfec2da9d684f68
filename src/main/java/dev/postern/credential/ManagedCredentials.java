package dev.postern.credential;

import dev.postern.access.AccountId;
import java.util.Optional;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

/**
 * The credentials of one kind that the operator makes and calls by a name: made, found, listed, changed and ended. What cannot
 * be done is a {@link ChangeRefusedException}, and nothing has been changed then.
 *
 * @param <C> the kind
 */
final class ManagedCredentials<C extends Credential.Managed> {
    private final Listing.Kind kind;
    private final Listing<C> listing;
    private final Endings endings;
    /** Empty where names need not be unique. */
    private final Optional<TokenNames> names;
    private final int maxPerAccount;

    ManagedCredentials(Listing.Kind kind, Listing<C> listing, Endings endings, Optional<TokenNames> names,
            int maxPerAccount) {
        this.kind = kind;
        this.listing = listing;
        this.endings = endings;
        this.names = names;
        this.maxPerAccount = maxPerAccount;
    }

    Mono<Listing.Entry<C>> add(String index, C credential) {
        return reserve(credential.name(), credential, index).flatMap(reserved -> listing
                .add(index, credential, credential.created())
                .flatMap(addition -> switch (addition) {
                    case ADDED -> Mono.just(new Listing.Entry<>(index, credential));
                    case NO_ACCOUNT -> Mono.<Listing.Entry<C>>error(ChangeRefusedException.noAccount());
                    case TOO_MANY -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TOO_MANY,
                            "An account may have " + maxPerAccount + " of them."));
                    case TAKEN -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TAKEN,
                            "This credential is in use already."));
                })
                .onErrorResume(ChangeRefusedException.class, refused -> (reserved
                        ? release(credential.name(), index)
                        : Mono.<Void>empty()).then(Mono.error(refused))));
    }

    Mono<Listing.Entry<C>> require(AccountId account, String id) {
        return listing.find(account, id).switchIfEmpty(Mono.error(ManagedCredentials::notFound));
    }

    /** Changes a credential; its name too. */
    Mono<Listing.Entry<C>> change(AccountId account, String id, UnaryOperator<C> change) {
        return require(account, id).flatMap(entry -> {
            String oldName = entry.credential().name();
            String newName = change.apply(entry.credential()).name();
            // A name that differs in the blanks around it alone is the same name: it is not to be given up below.
            boolean renamed = !TokenNames.isSame(newName, oldName);
            return (renamed ? reserve(newName, entry.credential(), entry.index()) : Mono.just(false))
                    .then(Mono.defer(() -> listing.change(account, entry.index(), change)))
                    .switchIfEmpty(Mono.error(ManagedCredentials::notFound))
                    .flatMap(changed -> (renamed ? release(oldName, entry.index()) : Mono.<Void>empty())
                            .thenReturn(new Listing.Entry<>(entry.index(), changed)));
        });
    }

    Mono<Void> delete(AccountId account, String id) {
        return require(account, id).flatMap(entry -> endings.end(kind, account, entry.index())
                .then(listing.unlist(account, entry.index())).then());
    }

    /**
     * Credentials of an account.
     *
     * @param name what their names are to be like, the best match first; empty for all, in the order of their making
     */
    Mono<Page<Listing.Entry<C>>> list(AccountId account, Optional<String> name, Page.Request page) {
        return listing.load(account, 0, -1).collectList().map(all -> page.of(name.isEmpty()
                ? all
                : NameSearch.find(all, entry -> entry.credential().name(), name.get())));
    }

    private Mono<Boolean> reserve(String name, C credential, String index) {
        return names.map(unique -> unique.reserve(name, credential, index)).orElseGet(() -> Mono.just(false));
    }

    private Mono<Void> release(String name, String index) {
        return names.map(unique -> unique.release(name, index)).orElseGet(Mono::empty);
    }

    private static ChangeRefusedException notFound() {
        return new ChangeRefusedException(ChangeRefusedException.Why.NOT_FOUND, "The account has none of this id.");
    }
}
