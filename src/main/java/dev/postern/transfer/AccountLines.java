package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.account.Account;
import dev.postern.account.AccountRecord;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.RestoredAccounts;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Accounts with their master keys. */
final class AccountLines extends EachPart<AccountRecord> {
    private static final String NAME = "name";
    private static final String CREATED = "created_at";
    private static final String MASTER = "master";

    private final RestoredAccounts restored;
    private final Accounts accounts;
    private final Secrets secrets;

    AccountLines(RestoredAccounts restored, Accounts accounts, Secrets secrets) {
        this.restored = restored;
        this.accounts = accounts;
        this.secrets = secrets;
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.ACCOUNT;
    }

    @Override
    public Flux<Resource> all(AccountId account) {
        return restored.find(account).map(this::write).flux();
    }

    @Override
    public AccountRecord read(AccountId account, Members line) {
        line.only(NAME, CREATED, Secrets.MEMBER);
        String name = line.name(NAME);
        ObjectNode hidden = secrets.read(line, kind(), account.value(), "");
        return new AccountRecord(new Account(account, name, line.time(CREATED)),
                new Members(hidden).string(MASTER), false);
    }

    private Resource write(AccountRecord record) {
        Account account = record.account();
        ObjectNode members = JsonMapper.shared().createObjectNode().put(NAME, account.name()).put(CREATED,
                account.created().toString());
        secrets.write(members, kind(), account.id().value(), "",
                JsonMapper.shared().createObjectNode().put(MASTER, record.masterIndex()));
        return new Resource(kind(), account.id(), "", members);
    }

    @Override
    public Resource write(AccountId account, AccountRecord wanted) {
        return write(wanted);
    }

    @Override
    Mono<Resource> find(AccountId account, AccountRecord wanted) {
        return restored.find(account).map(this::write);
    }

    @Override
    Mono<Void> create(AccountId account, AccountRecord wanted) {
        return restored.restore(wanted);
    }

    @Override
    public Mono<Void> change(AccountId account, AccountRecord wanted, List<String> differences) {
        return Mono.defer(() -> {
            requireUnchanged(differences, CREATED, Secrets.MEMBER);
            return restored.find(account).switchIfEmpty(Mono.error(ConcurrentChangeException::new))
                    .flatMap(present -> restored.rename(present, new AccountRecord(
                            new Account(account, wanted.account().name(), present.account().created()),
                            present.masterIndex(), present.deleting())));
        });
    }

    @Override
    public Mono<Void> checkCreation(AccountId account, AccountRecord wanted, Forecast forecast) {
        return restored.isFree(account, wanted.masterIndex()).flatMap(free -> free
                ? Mono.empty()
                : Mono.error(LineFault.of(LineFault.Reason.ALREADY_EXISTS, "Another account has this master key.")));
    }

    @Override
    public Mono<Void> checkChange(AccountId account, AccountRecord wanted, List<String> differences,
            Forecast forecast) {
        return Mono.fromRunnable(() -> requireUnchanged(differences, CREATED, Secrets.MEMBER));
    }

    @Override
    public Mono<Void> delete(AccountId account, Resource present) {
        return accounts.delete(account).then();
    }
}
