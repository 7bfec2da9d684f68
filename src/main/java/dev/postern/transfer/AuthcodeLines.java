package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.issuance.RestoredAuthcodes;
import dev.postern.issuance.RestoredAuthcodes.Stored;
import dev.postern.issuance.Terminals;
import dev.postern.store.UnreadableRecordException;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The authcodes of an account's applications. The terminals that they admitted are not in documents. */
final class AuthcodeLines extends EachPart<Stored> {
    private static final String ID = "id";
    private static final String APPLICATION = "application";
    private static final String TERMINALS = "terminals";
    private static final String UNTIL = "valid_until";
    private static final String INDEX = "index";
    private static final String SEALED = "sealed";

    private final RestoredAuthcodes authcodes;
    private final Secrets secrets;

    AuthcodeLines(RestoredAuthcodes authcodes, Secrets secrets) {
        this.authcodes = authcodes;
        this.secrets = secrets;
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.AUTHCODE;
    }

    @Override
    public Flux<Resource> all(AccountId account) {
        return authcodes.all(account).map(stored -> write(account, stored));
    }

    @Override
    public Stored read(AccountId account, Members line) {
        line.only(ID, APPLICATION, TERMINALS, UNTIL, Secrets.MEMBER);
        String id = line.id(ID);
        Members hidden = new Members(secrets.read(line, kind(), account.value(), id));
        Stored stored = new Stored(hidden.string(APPLICATION), hidden.string(INDEX), hidden.string(SEALED),
                line.number(TERMINALS, 1, Terminals.MAX_TERMINALS), line.optionalTime(UNTIL));
        if (!line.string(APPLICATION).equals(stored.applicationId())) {
            throw LineFault.invalid(APPLICATION, "is not the one that the authcode was made for");
        }
        try {
            authcodes.requireOurs(stored);
        } catch (UnreadableRecordException notOurs) {
            throw LineFault.of(LineFault.Reason.OTHER_SECRET_KEYS, String.valueOf(notOurs.getMessage()));
        }
        return stored;
    }

    @Override
    public Resource write(AccountId account, Stored stored) {
        ObjectNode members = JsonMapper.shared().createObjectNode().put(ID, stored.id())
                .put(APPLICATION, stored.applicationId()).put(TERMINALS, stored.terminals());
        stored.until().ifPresent(until -> members.put(UNTIL, until.toString()));
        secrets.write(members, kind(), account.value(), stored.id(), JsonMapper.shared().createObjectNode()
                .put(APPLICATION, stored.application()).put(INDEX, stored.index()).put(SEALED, stored.sealed()));
        return new Resource(kind(), account, stored.id(), members);
    }

    @Override
    Mono<Resource> find(AccountId account, Stored wanted) {
        return authcodes.find(account, wanted.application(), wanted.index()).map(stored -> write(account, stored));
    }

    @Override
    Mono<Void> create(AccountId account, Stored wanted) {
        return authcodes.restore(account, wanted);
    }

    @Override
    public Mono<Void> change(AccountId account, Stored wanted, List<String> differences) {
        return authcodes.restore(account, wanted);
    }

    @Override
    public Mono<Void> checkCreation(AccountId account, Stored wanted, Forecast forecast) {
        return forecast.hasCreated(ResourceKind.APPLICATION, account, wanted.applicationId())
                ? Mono.empty()
                : authcodes.requireApplication(account, wanted)
                        .then(forecast.requireRoom(kind(), account, authcodes.count(account, wanted.application()),
                                authcodes.max()));
    }

    @Override
    public Mono<Void> delete(AccountId account, Resource present) {
        ObjectNode hidden = (ObjectNode) present.members().required(Secrets.MEMBER);
        return authcodes.delete(account, hidden.required(APPLICATION).stringValue(),
                List.of(hidden.required(INDEX).stringValue()));
    }
}
