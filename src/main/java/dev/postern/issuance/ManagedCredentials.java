package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.account.NameSearch;
import dev.postern.account.Page;
import dev.postern.credential.Credential;
import java.util.Optional;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The credentials of one kind that the operator makes and calls by a name: made, found, listed, changed and ended. What cannot
 * be done is a {@link ChangeRefusedException}, and nothing has been changed then.
 *
 * @param <C> the kind
 */
final class ManagedCredentials<C extends Credential.Managed> {
    private static final int ATTEMPTS = 5;

    private final ListKind kind;
    private final Listing<C> listing;
    private final Endings endings;
    /** Empty where names need not be unique. */
    private final Optional<TokenNames> names;
    private final int maxPerAccount;

    ManagedCredentials(ListKind kind, Listing<C> listing, Endings endings, Optional<TokenNames> names,
            int maxPerAccount) {
        this.kind = kind;
        this.listing = listing;
        this.endings = endings;
        this.names = names;
        this.maxPerAccount = maxPerAccount;
    }

    Mono<Listing.Entry<C>> add(String index, C credential) {
        return reserve(credential, index).flatMap(reserved -> listing
                .add(index, credential, credential.created())
                .flatMap(addition -> switch (addition) {
                    case ADDED -> Mono.just(new Listing.Entry<>(index, credential));
                    case NO_ACCOUNT -> Mono.<Listing.Entry<C>>error(ChangeRefusedException.noAccount());
                    case TOO_MANY -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TOO_MANY,
                            "An account may have " + maxPerAccount + " of them."));
                    case TAKEN -> Mono.error(taken());
                })
                .onErrorResume(ChangeRefusedException.class, refused -> giveBack(reserved)
                        .then(Mono.error(refused))));
    }

    /** The name of a new credential; one that is there already under this very name is not made again. */
    private Mono<Optional<TokenNames.Held>> reserve(C credential, String index) {
        return names.map(unique -> unique.reserve(credential.name(), credential, index)
                .flatMap(held -> held.before() == TokenNames.Before.USED
                        ? Mono.<Optional<TokenNames.Held>>error(taken())
                        : Mono.just(Optional.of(held))))
                .orElseGet(() -> Mono.just(Optional.empty()));
    }

    Mono<Listing.Entry<C>> require(AccountId account, String id) {
        return listing.find(account, id).switchIfEmpty(Mono.error(ManagedCredentials::notFound));
    }

    /** Changes a credential; its name too. */
    Mono<Listing.Entry<C>> change(AccountId account, String id, UnaryOperator<C> change) {
        return require(account, id).flatMap(entry -> change(account, entry.index(), change, ATTEMPTS));
    }

    /** Which name is taken and which is given up hangs on the very record that is replaced: both are read anew each time. */
    private Mono<Listing.Entry<C>> change(AccountId account, String index, UnaryOperator<C> change, int attempts) {
        return listing.findByIndex(account, index).switchIfEmpty(Mono.error(ManagedCredentials::notFound))
                .flatMap(present -> {
                    C changed = change.apply(present.credential());
                    return replace(present, changed).flatMap(done -> {
                        if (done) {
                            return Mono.just(new Listing.Entry<>(index, changed));
                        }
                        return attempts > 1
                                ? change(account, index, change, attempts - 1)
                                : Mono.error(new ConcurrentChangeException());
                    });
                });
    }

    private Mono<Boolean> replace(Listing.Entry<C> present, C changed) {
        String oldName = present.credential().name();
        if (names.isEmpty() || TokenNames.isSame(oldName, changed.name())) {
            return listing.replace(present, changed);
        }
        TokenNames unique = names.get();
        return unique.reserve(changed.name(), changed, present.index())
                .flatMap(reserved -> unique.find(oldName, present.index())
                        .flatMap(old -> listing.replace(present, changed)
                                .flatMap(done -> (done
                                        ? old.map(unique::release).orElseGet(Mono::empty)
                                        : giveBack(Optional.of(reserved))).thenReturn(done))));
    }

    Mono<Void> delete(AccountId account, String id) {
        return require(account, id).flatMap(entry -> endings.end(kind, account, entry.index())
                .then(listing.unlist(account, entry.index(), entry.credential().created())).then());
    }

    /**
     * Credentials of an account.
     *
     * @param name what their names are to be like, the best match first; empty for all, in the order of their making
     */
    Mono<Page<Listing.Entry<C>>> list(AccountId account, Optional<String> name, Page.Request page) {
        if (name.isEmpty()) {
            return listing.load(account, page.first(), page.last()).collectList()
                    .flatMap(found -> listing.count(account).map(total -> new Page<>(total, found)));
        }
        // Of all only the names are kept: the credentials of an account may be more than fits into memory.
        record Named(String index, String name) {}
        return listing.loadAll(account).map(entry -> new Named(entry.index(), entry.credential().name())).collectList()
                .map(all -> page.of(NameSearch.find(all, Named::name, name.get())))
                .flatMap(found -> Flux.fromIterable(found.items())
                        .concatMap(named -> listing.findByIndex(account, named.index())).collectList()
                        .map(items -> new Page<>(found.totalCount(), items)));
    }

    /** After nothing came of it. What was reserved before is another call's. */
    private Mono<Void> giveBack(Optional<TokenNames.Held> reserved) {
        return names.flatMap(unique -> reserved.filter(held -> held.before() == TokenNames.Before.FREE)
                .map(unique::release)).orElseGet(Mono::empty);
    }

    private static ChangeRefusedException taken() {
        return new ChangeRefusedException(ChangeRefusedException.Why.TAKEN, "This credential is in use already.");
    }

    private static ChangeRefusedException notFound() {
        return new ChangeRefusedException(ChangeRefusedException.Why.NOT_FOUND, "The account has none of this id.");
    }
}
