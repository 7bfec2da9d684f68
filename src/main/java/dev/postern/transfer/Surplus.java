package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.account.AccountRecord;
import dev.postern.account.ChangeRefusedException;
import dev.postern.issuance.RestoredAccounts;
import dev.postern.transfer.ImportResult.Subject;
import dev.postern.transfer.ImportResult.What;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Finds the resources that are in the store but not in a whole document, and deletes them on request. */
final class Surplus {
    /** How many resources are found before any of them is deleted: deletions would disturb the search. */
    private static final int AT_ONCE = 1000;
    private static final int DELETIONS_AT_ONCE = 16;

    private final TransferParts parts;
    private final RestoredAccounts accounts;
    private final Document document;
    private final boolean deletes;

    Surplus(TransferParts parts, RestoredAccounts accounts, Document document, boolean deletes) {
        this.parts = parts;
        this.accounts = accounts;
        this.document = document;
        this.deletes = deletes;
    }

    /** Accounts that no line is about are deleted as a whole, if the document is about all accounts. */
    Flux<ImportResult> results() {
        return document.only().map(id -> accounts.find(id).flux()).orElseGet(accounts::all)
                .filter(record -> !record.deleting()).map(AccountRecord::account)
                .concatMap(account -> document.only().isPresent() || document.names(account.id())
                        ? ofAccount(account.id())
                        : parts.of(ResourceKind.ACCOUNT).all(account.id())
                                .concatMap(whole -> delete(parts.of(ResourceKind.ACCOUNT), whole)),
                        1);
    }

    /** The kinds that an import creates last are deleted first. */
    private Flux<ImportResult> ofAccount(AccountId account) {
        return Flux.fromIterable(parts.all().reversed())
                .filter(part -> part.kind() != ResourceKind.ACCOUNT && part.kind() != ResourceKind.LICENSE)
                .concatMap(part -> deletes ? delete(part, account) : find(part, account), 1);
    }

    private Flux<ImportResult> find(TransferPart<?> part, AccountId account) {
        return part.all(account).filter(resource -> !document.names(resource)).map(Surplus::deleted);
    }

    private Flux<ImportResult> delete(TransferPart<?> part, AccountId account) {
        Set<String> refused = new HashSet<>();
        Mono<List<Resource>> next = part.all(account)
                .filter(resource -> !document.names(resource) && !refused.contains(resource.id())).take(AT_ONCE)
                .collectList();
        AtomicBoolean mayBeMore = new AtomicBoolean();
        return next.doOnNext(found -> mayBeMore.set(found.size() == AT_ONCE)).flatMapIterable(found -> found)
                .flatMapSequential(resource -> delete(part, resource), DELETIONS_AT_ONCE)
                .doOnNext(result -> {
                    if (result.what() == What.REFUSED) {
                        result.subject().ifPresent(subject -> refused.add(subject.id()));
                    }
                }).repeat(mayBeMore::get);
    }

    private Mono<ImportResult> delete(TransferPart<?> part, Resource resource) {
        return (deletes
                ? EachPart.refusal(part.delete(resource.account(), resource)
                        .onErrorResume(ChangeRefusedException.class, Surplus::unlessGone))
                : Mono.just(Optional.<RuntimeException>empty()))
                .map(refusal -> refusal.map(why -> ImportResult.refused(Optional.empty(),
                        Optional.of(Subject.of(resource)), Faults.of(why))).orElseGet(() -> deleted(resource)));
    }

    /** Somebody else deleted it. */
    private static Mono<Void> unlessGone(ChangeRefusedException refused) {
        return refused.why() == ChangeRefusedException.Why.NOT_FOUND
                ? Mono.empty()
                : Mono.error(refused);
    }

    private static ImportResult deleted(Resource resource) {
        return new ImportResult(Optional.empty(), Optional.of(Subject.of(resource)), What.DELETED, List.of(),
                Optional.empty());
    }
}
