package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.AccountLists;
import dev.postern.account.CallRevision;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.account.Page;
import dev.postern.account.Revision;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialCodec;
import dev.postern.search.NameIndexes;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

/**
 * Creates, finds, lists, changes and deletes the named credentials of one kind. A change that is not possible fails
 * with {@link ChangeRefusedException} and leaves everything as it was.
 *
 * @param <C> the kind
 */
final class ManagedCredentials<C extends Credential.Managed> {
    private static final int ATTEMPTS = 5;

    private final ListKind kind;
    private final AccountLists lists;
    private final Listing<C> listing;
    private final CredentialNames<C> nameSource;
    private final CredentialRemoval removal;
    /** Empty if names need not be unique. */
    private final Optional<UniqueNames<C>> names;
    private final int maxPerAccount;

    ManagedCredentials(ListKind kind, AccountLists lists, Listing<C> listing, CredentialRemoval removal,
            Optional<UniqueNames<C>> names, int maxPerAccount) {
        this.kind = kind;
        this.lists = lists;
        this.listing = listing;
        this.nameSource = new CredentialNames<>(kind, listing);
        this.removal = removal;
        this.names = names;
        this.maxPerAccount = maxPerAccount;
    }

    /**
     * The names of a kind whose names are unique.
     *
     * @param mark writes the mark of a reservation into a credential
     */
    record UniqueNames<C>(TokenNames names, BiFunction<C, String, C> mark) {}

    Mono<Listing.Entry<C>> add(String index, C credential) {
        return reserve(credential, index).flatMap(reserved -> add(new Listing.Entry<>(index,
                reserved.map(held -> marked(credential, held)).orElse(credential)), reserved));
    }

    private C marked(C credential, TokenNames.Held held) {
        return names.orElseThrow().mark().apply(credential, held.mark());
    }

    private Mono<Listing.Entry<C>> add(Listing.Entry<C> entry, Optional<TokenNames.Held> reserved) {
        return listing.add(entry.index(), entry.credential(), entry.credential().created())
                .flatMap(addition -> switch (addition) {
                    case ADDED -> confirm(entry, reserved).then(noted(entry));
                    case NO_ACCOUNT -> Mono.<Listing.Entry<C>>error(ChangeRefusedException.noAccount());
                    case TOO_MANY -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TOO_MANY,
                            "An account can have at most " + maxPerAccount + " of this kind."));
                    case TAKEN -> Mono.error(taken());
                })
                .onErrorResume(ChangeRefusedException.class, refused -> giveBack(reserved)
                        .then(Mono.error(refused)));
    }

    /** Deletes the credential again if another one got its name while it was written. */
    private Mono<Void> confirm(Listing.Entry<C> added, Optional<TokenNames.Held> reserved) {
        return reserved.map(held -> names.orElseThrow().names()
                .confirm(added.credential().name(), held, added.index())
                .onErrorResume(
                        failure -> failure instanceof ChangeRefusedException
                                || failure instanceof ConcurrentChangeException,
                        lost -> withdraw(added, ATTEMPTS).then(Mono.error(lost))))
                .orElseGet(Mono::empty);
    }

    /** Does nothing if the credential has got another name since. */
    private Mono<Void> withdraw(Listing.Entry<C> added, int attempts) {
        C credential = added.credential();
        return listing.findByIndex(credential.account(), added.index())
                .filter(present -> present.credential().nameMark().equals(credential.nameMark()))
                .flatMap(present -> removal
                        .removeUnchanged(kind, credential.account(), added.index(), present.credential())
                        .flatMap(deleted -> {
                            if (deleted) {
                                return listing.unlist(credential.account(), added.index(), credential.created())
                                        .then();
                            }
                            return attempts > 1
                                    ? withdraw(added, attempts - 1)
                                    : Mono.error(new ConcurrentChangeException());
                        }));
    }

    /** Reserves the name of a new credential. Refused if the credential already exists under this name. */
    private Mono<Optional<TokenNames.Held>> reserve(C credential, String index) {
        return names.map(unique -> unique.names().reserve(credential.name(), credential, index)
                .flatMap(held -> held.before() == TokenNames.Before.USED
                        ? Mono.<Optional<TokenNames.Held>>error(taken())
                        : Mono.just(Optional.of(held))))
                .orElseGet(() -> Mono.just(Optional.empty()));
    }

    Mono<Listing.Entry<C>> require(AccountId account, String id) {
        return listing.find(account, id).switchIfEmpty(Mono.error(ManagedCredentials::notFound))
                .flatMap(ManagedCredentials::noted);
    }

    private static <C extends Credential.Managed> Mono<Listing.Entry<C>> noted(Listing.Entry<C> entry) {
        return CallRevision.note(revision(entry.credential())).thenReturn(entry);
    }

    private static Revision revision(Credential.Managed credential) {
        return Revision.of(CredentialCodec.encode(credential));
    }

    /** Changes a credential, including its name, if it is as the caller expects ({@link CallRevision}). */
    Mono<Listing.Entry<C>> change(AccountId account, String id, UnaryOperator<C> change) {
        return changeEntry(account, id, entry -> change.apply(entry.credential()));
    }

    /** The same for a credential whose index is known. */
    Mono<Listing.Entry<C>> changeAt(AccountId account, String index, UnaryOperator<C> change) {
        return change(account, index, entry -> change.apply(entry.credential()), ATTEMPTS);
    }

    /** The same for a change that depends on the index. */
    Mono<Listing.Entry<C>> changeEntry(AccountId account, String id, Function<Listing.Entry<C>, C> change) {
        return require(account, id).flatMap(entry -> change(account, entry.index(), change, ATTEMPTS));
    }

    /**
     * Which names to reserve and to release depends on the record that is replaced, so each attempt reads the record
     * and the reservations again.
     */
    private Mono<Listing.Entry<C>> change(AccountId account, String index, Function<Listing.Entry<C>, C> change,
            int attempts) {
        return listing.findByIndex(account, index).switchIfEmpty(Mono.error(ManagedCredentials::notFound))
                .flatMap(present -> CallRevision.require(revision(present.credential())).thenReturn(present))
                .flatMap(present -> replace(present, change.apply(present)).flatMap(replaced -> {
                    if (replaced.isPresent()) {
                        return noted(new Listing.Entry<>(index, replaced.get()));
                    }
                    return attempts > 1
                            ? change(account, index, change, attempts - 1)
                            : Mono.error(new ConcurrentChangeException());
                }));
    }

    /** Returns the credential as it was written; empty if it was changed or deleted since it was read. */
    private Mono<Optional<C>> replace(Listing.Entry<C> present, C changed) {
        if (names.isEmpty() || TokenNames.isSame(present.credential().name(), changed.name())) {
            C kept = sameMark(present.credential(), changed);
            return listing.replace(present, kept).map(done -> done ? Optional.of(kept) : Optional.empty());
        }
        return names.get().names().reserve(changed.name(), changed, present.index())
                .flatMap(reserved -> reserved.before() == TokenNames.Before.USED
                        // Another call has given it this name since it was read.
                        ? Mono.just(Optional.empty())
                        : rename(names.get().names(), present, marked(changed, reserved), reserved));
    }

    /**
     * Keeps the mark of the name: the changed credential may have been made without the record, and then lacks the
     * mark.
     */
    private C sameMark(C present, C changed) {
        return names.flatMap(unique -> present.nameMark().map(mark -> unique.mark().apply(changed, mark)))
                .orElse(changed);
    }

    private Mono<Optional<C>> rename(TokenNames unique, Listing.Entry<C> present, C changed,
            TokenNames.Held reserved) {
        return unique.find(present.credential(), present.index())
                .flatMap(old -> listing.replace(present, changed)
                        .flatMap(done -> done
                                ? old.map(unique::release).orElseGet(Mono::empty).thenReturn(Optional.of(changed))
                                : giveBack(Optional.of(reserved)).thenReturn(Optional.empty())));
    }

    /** Deletes a credential if it is as the caller expects ({@link CallRevision}). */
    Mono<Void> delete(AccountId account, String id) {
        return require(account, id).flatMap(entry -> CallRevision.isExpected()
                .flatMap(expected -> expected
                        ? deleteExpected(account, entry, ATTEMPTS)
                        : removal.remove(kind, account, entry.index()).then())
                .then(listing.unlist(account, entry.index(), entry.credential().created())).then());
    }

    private Mono<Void> deleteExpected(AccountId account, Listing.Entry<C> present, int attempts) {
        return CallRevision.require(revision(present.credential()))
                .then(removal.removeUnchanged(kind, account, present.index(), present.credential()))
                .flatMap(deleted -> {
                    if (deleted) {
                        return Mono.empty();
                    }
                    return attempts > 1
                            ? listing.findByIndex(account, present.index())
                                    .switchIfEmpty(Mono.error(ManagedCredentials::notFound))
                                    .flatMap(changed -> deleteExpected(account, changed, attempts - 1))
                            : Mono.error(new ConcurrentChangeException());
                });
    }

    /** Lists the credentials of an account. */
    Mono<Page<Listing.Entry<C>>> list(AccountId account, CredentialFilter filter, Page.Request page) {
        if (filter.isAll()) {
            return listing.load(account, page.first(), page.last()).collectList()
                    .flatMap(found -> listing.count(account).map(total -> new Page<>(total, found)));
        }
        NameIndexes.Search search = new NameIndexes.Search(filter.name(), item -> filter.which()
                .map(condition -> condition.test(CredentialNames.candidate(item))).orElse(true), page.first(),
                page.perPage());
        return lists.search(account, nameSource, search, indexes -> listing.load(account, indexes),
                Listing.Entry::index);
    }

    /** Releases the name after a failure. If the name was already reserved before, it belongs to another call. */
    private Mono<Void> giveBack(Optional<TokenNames.Held> reserved) {
        return names.flatMap(unique -> reserved.filter(held -> held.before() == TokenNames.Before.FREE)
                .map(unique.names()::release)).orElseGet(Mono::empty);
    }

    private static ChangeRefusedException taken() {
        return new ChangeRefusedException(ChangeRefusedException.Why.TAKEN, "This credential is already in use.");
    }

    private static ChangeRefusedException notFound() {
        return new ChangeRefusedException(ChangeRefusedException.Why.NOT_FOUND, "The account has no such credential.");
    }
}
