package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.account.Account;
import dev.postern.account.Page;
import dev.postern.issuance.Accounts;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/v1/accounts}: creates, lists and deletes accounts, and replaces their master keys. */
final class AccountsEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Accounts accounts;

    AccountsEndpoint(Accounts accounts) {
        this.accounts = accounts;
    }

    RouterFunction<ServerResponse> routes() {
        return new Routes()
                .on(HttpMethod.POST, AccountPath.ALL, this::create)
                .on(HttpMethod.GET, AccountPath.ALL, this::list)
                .on(HttpMethod.GET, AccountPath.ONE, this::find)
                .on(HttpMethod.DELETE, AccountPath.ONE, this::delete)
                .on(HttpMethod.POST, AccountPath.ONE + "/master-key", this::replaceMasterKey)
                .build();
    }

    private Mono<ServerResponse> create(ServerRequest request) {
        return JsonInput.read(request, "id", "name").flatMap(input -> {
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
        return accounts.find(id).switchIfEmpty(AccountPath.notFound(id))
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
