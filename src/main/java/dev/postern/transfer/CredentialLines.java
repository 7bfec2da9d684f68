package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.credential.Credential;
import dev.postern.issuance.RestoredCredentials;
import dev.postern.issuance.RestoredCredentials.Stored;
import dev.postern.store.UnreadableRecordException;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The credentials of one kind, with their secrets as they are stored.
 *
 * @param <C> the kind
 */
final class CredentialLines<C extends Credential.Managed> extends EachPart<Stored<C>> {
    private static final String INDEX = "index";

    private final ResourceKind kind;
    private final RestoredCredentials<C> credentials;
    private final Secrets secrets;
    private final CredentialForm form;

    CredentialLines(ResourceKind kind, RestoredCredentials<C> credentials, Secrets secrets) {
        this.kind = kind;
        this.credentials = credentials;
        this.secrets = secrets;
        this.form = new CredentialForm(kind);
    }

    @Override
    public ResourceKind kind() {
        return kind;
    }

    @Override
    public Flux<Resource> all(AccountId account) {
        return credentials.all(account).map(stored -> write(account, stored));
    }

    @Override
    public Stored<C> read(AccountId account, Members line) {
        line.only(form.members());
        String id = line.id(CredentialForm.ID);
        ObjectNode hidden = secrets.read(line, kind, account.value(), id);
        String index = new Members(hidden).string(INDEX);
        hidden.remove(INDEX);
        Credential.Stored read = form.read(account, line, hidden);
        if (!credentials.type().isInstance(read)) {
            throw LineFault.invalid(Secrets.MEMBER, "belong to a credential of another kind");
        }
        Stored<C> wanted = new Stored<>(index, credentials.type().cast(read));
        try {
            credentials.requireOurs(wanted);
        } catch (UnreadableRecordException notOurs) {
            throw new LineFault(LineFault.Reason.OTHER_SECRET_KEYS, Optional.of(Secrets.MEMBER),
                    String.valueOf(notOurs.getMessage()));
        }
        return wanted;
    }

    @Override
    public Resource write(AccountId account, Stored<C> stored) {
        ObjectNode members = JsonMapper.shared().createObjectNode().put(CredentialForm.ID, stored.id());
        ObjectNode hidden = form.write(stored.credential(), members).put(INDEX, stored.index());
        secrets.write(members, kind, account.value(), stored.id(), hidden);
        return new Resource(kind, account, stored.id(), members);
    }

    @Override
    Mono<Resource> find(AccountId account, Stored<C> wanted) {
        return credentials.find(account, wanted.index()).map(stored -> write(account, stored));
    }

    @Override
    Mono<Void> create(AccountId account, Stored<C> wanted) {
        return credentials.restore(wanted);
    }

    @Override
    public Mono<Void> complete(AccountId account, Stored<C> wanted) {
        return credentials.complete(wanted);
    }

    @Override
    public Mono<Void> change(AccountId account, Stored<C> wanted, List<String> differences) {
        return Mono.defer(() -> {
            requireChangeable(differences);
            Resource after = write(account, wanted);
            // Compared again with the record at that moment: its secret may have been replaced.
            return credentials.change(account, wanted.index(), present -> {
                requireChangeable(after.differences(write(account, new Stored<>(wanted.index(), present))));
                return wanted.credential();
            }).then(credentials.complete(wanted));
        });
    }

    private static void requireChangeable(List<String> differences) {
        requireUnchanged(differences, CredentialForm.CREATED, CredentialForm.PLATFORM, Secrets.MEMBER);
    }

    @Override
    public Mono<Void> checkCreation(AccountId account, Stored<C> wanted, Forecast forecast) {
        return forecast.requireRoom(kind, account, credentials.count(account), credentials.max())
                .then(credentials.requireFree(wanted))
                .then(Mono.fromRunnable(() -> requireName(account, wanted, forecast)));
    }

    @Override
    public Mono<Void> checkChange(AccountId account, Stored<C> wanted, List<String> differences, Forecast forecast) {
        return Mono.defer(() -> {
            requireChangeable(differences);
            return differences.contains(CredentialForm.NAME)
                    ? credentials.requireFreeName(wanted)
                            .then(Mono.fromRunnable(() -> requireName(account, wanted, forecast)))
                    : Mono.empty();
        });
    }

    private void requireName(AccountId account, Stored<C> wanted, Forecast forecast) {
        if (credentials.hasUniqueNames()) {
            forecast.requireName(wanted.credential().name(),
                    kind.word() + " " + wanted.id() + " of account " + account);
        }
    }

    @Override
    public Mono<Void> delete(AccountId account, Resource present) {
        return credentials.delete(account, present.id());
    }
}
