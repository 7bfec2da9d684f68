package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.issuance.RestoredAccounts;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes accounts as a document, in an order in which an import can create everything. The store is read while the
 * document is written: a resource that changes meanwhile may be in the document as it was before or as it is
 * afterwards.
 */
public final class Exporter {
    private final TransferParts parts;
    private final RestoredAccounts accounts;
    private final SecretKeys secrets;
    private final Clock clock;

    Exporter(TransferParts parts, RestoredAccounts accounts, SecretKeys secrets, Clock clock) {
        this.parts = parts;
        this.accounts = accounts;
        this.secrets = secrets;
        this.clock = clock;
    }

    /**
     * Writes one account or all, with only some lines in memory at a time.
     *
     * @param only the account, which must exist; empty for all accounts
     */
    public Flux<ObjectNode> export(Optional<AccountId> only) {
        Flux<AccountId> ids = only.map(Flux::just).orElseGet(() -> accounts.all().filter(record -> !record.deleting())
                .map(record -> record.account().id()));
        Flux<Resource> resources = ids.concatMap(id -> Flux.fromIterable(parts.all())
                .filter(part -> part.kind() != ResourceKind.SHARE).concatMap(part -> part.all(id), 1), 1);
        // A share needs both accounts.
        Flux<Resource> shares = ids.concatMap(id -> parts.of(ResourceKind.SHARE).all(id), 1);
        return Flux.concat(
                Mono.fromSupplier(() -> DocumentFrame.header(only, Instant.ofEpochMilli(clock.millis()), secrets)),
                resources.concatWith(shares).map(Resource::line), Mono.fromSupplier(DocumentFrame::end));
    }
}
