package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialRecords;
import dev.postern.search.NameIndexes;
import dev.postern.search.NameSource;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;

/**
 * The names of the credentials of one kind: ordered by creation, marked with the time of expiry.
 *
 * @param <C> the kind
 */
final class CredentialNames<C extends Credential.Managed> implements NameSource {
    private static final long NEVER = Long.MAX_VALUE;

    private final ListKind kind;
    private final Listing<C> listing;

    CredentialNames(ListKind kind, Listing<C> listing) {
        this.kind = kind;
        this.listing = listing;
    }

    @Override
    public String list(AccountId account) {
        return kind.key(account);
    }

    @Override
    public Flux<Item> all(AccountId account) {
        return listing.loadAll(account).map(CredentialNames::item);
    }

    @Override
    public Flux<Item> read(AccountId account, List<String> ids) {
        return listing.load(account, ids).map(CredentialNames::item);
    }

    private static <C extends Credential.Managed> Item item(Listing.Entry<C> entry) {
        C credential = entry.credential();
        return new Item(entry.index(), credential.created().toEpochMilli(),
                credential.limits().expires().map(Instant::toEpochMilli).orElse(NEVER), credential.name());
    }

    /** The facts about a credential that a filter checks. */
    static CredentialFilter.Candidate candidate(NameIndexes.Candidate item) {
        return new CredentialFilter.Candidate(CredentialRecords.idOf(item.id()).value(),
                Instant.ofEpochMilli(item.order()), item.mark() == NEVER
                        ? Optional.empty()
                        : Optional.of(Instant.ofEpochMilli(item.mark())));
    }
}
