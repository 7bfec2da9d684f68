package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.access.AccountId;
import dev.postern.account.Account;
import dev.postern.account.Page;
import dev.postern.issuance.Accounts;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.management.contract.Shape;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/v1/accounts}: creates, lists and deletes accounts, and replaces their master keys. */
final class AccountsEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final String TAG = "Accounts";
    private static final Shape ACCOUNT = Shape.object(required("id", Shapes.ID, ""), required("name", Shapes.NAME, ""),
            required("created_at", Shapes.TIME, "")).named("Account");
    private static final Shape WITH_MASTER_KEY = ACCOUNT
            .with(required("master_key", Shape.text(), "The secret; it is shown only this once."));

    private final Accounts accounts;

    AccountsEndpoint(Accounts accounts) {
        this.accounts = accounts;
    }

    RouterFunction<ServerResponse> routes() {
        return new Routes()
                .on(Operation.post(AccountPath.ALL, "createAccount", "Creates an account with a master key.").in(TAG)
                        .takes(Shape.object(required("id", Shapes.ID, ""), required("name", Shapes.NAME, "")))
                        .creates(WITH_MASTER_KEY).with(Trait.ETAG).refuses(Problem.ALREADY_EXISTS), this::create)
                .on(Shapes.list(Operation.get(AccountPath.ALL, "listAccounts", "Lists accounts, ordered by ID."),
                        "accounts", ACCOUNT).in(TAG), this::list)
                .on(Operation.get(AccountPath.ONE, "getAccount", "Shows an account.").in(TAG).returns(ACCOUNT)
                        .with(Trait.ETAG, Trait.IF_NONE_MATCH), this::find)
                .on(Operation.delete(AccountPath.ONE, "deleteAccount",
                        "Deletes an account with all its credentials and devices.").in(TAG).with(Trait.IF_MATCH)
                        .refuses(Problem.CONCURRENT_CHANGE), this::delete)
                .on(Operation.post(AccountPath.ONE + "/master-key", "replaceMasterKey",
                        "Revokes the master key and generates a new one.").in(TAG).returns(WITH_MASTER_KEY)
                        .with(Trait.ETAG, Trait.IF_MATCH).refuses(Problem.CONCURRENT_CHANGE), this::replaceMasterKey)
                .build();
    }

    private Mono<ServerResponse> create(ServerRequest request) {
        return JsonInput.read(request).flatMap(input -> {
            AccountId id = input.accountId("id");
            return accounts.create(id, input.name("name"))
                    .switchIfEmpty(Mono.error(() -> new ProblemException(Problem.ALREADY_EXISTS,
                            "The account " + id + " already exists.")))
                    .flatMap(issued -> Replies.created(AccountPath.of(id), withMasterKey(issued)));
        });
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        Page.Request page = Lists.page(request);
        return accounts.list(page)
                .flatMap(found -> Lists.reply("accounts", page, found, AccountsEndpoint::json));
    }

    private Mono<ServerResponse> find(ServerRequest request) {
        AccountId id = AccountPath.read(request);
        return accounts.show(id).switchIfEmpty(AccountPath.notFound(id))
                .flatMap(account -> Replies.ok(json(account)));
    }

    private Mono<ServerResponse> delete(ServerRequest request) {
        AccountId id = AccountPath.read(request);
        return accounts.delete(id)
                .flatMap(deleted -> deleted ? Replies.deleted() : AccountPath.notFound(id));
    }

    private Mono<ServerResponse> replaceMasterKey(ServerRequest request) {
        AccountId id = AccountPath.read(request);
        return accounts.replaceMasterKey(id).switchIfEmpty(AccountPath.notFound(id))
                .flatMap(issued -> Replies.okWithSecret(withMasterKey(issued)));
    }

    private static ObjectNode json(Account account) {
        return JSON.createObjectNode().put("id", account.id().value()).put("name", account.name()).put("created_at",
                account.created().toString());
    }

    private static ObjectNode withMasterKey(Accounts.AccountWithKey issued) {
        return json(issued.account()).put("master_key", issued.masterKey().secret());
    }
}
