package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.credential.Account;
import dev.postern.credential.Accounts;
import dev.postern.credential.Page;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/v1/accounts}: the operator makes accounts, lists and deletes them, and replaces their master keys. */
final class AccountsEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int PER_PAGE = 20;

    private final Accounts accounts;

    AccountsEndpoint(Accounts accounts) {
        this.accounts = accounts;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .POST("/api/v1/accounts", this::create)
                .GET("/api/v1/accounts", this::list)
                .GET("/api/v1/accounts/{id}", this::find)
                .DELETE("/api/v1/accounts/{id}", this::delete)
                .POST("/api/v1/accounts/{id}/master-key", this::replaceMasterKey)
                .build();
    }

    private Mono<ServerResponse> create(ServerRequest request) {
        return JsonInput.read(request, "id", "name").flatMap(input -> {
            AccountId id = input.accountId("id");
            return accounts.create(id, input.name("name"))
                    .switchIfEmpty(Mono.error(() -> new ProblemException(Problem.ALREADY_EXISTS,
                            "The account " + id + " exists already.")))
                    .flatMap(issued -> reply(HttpStatus.CREATED, withMasterKey(issued)));
        });
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        Page.Request page = page(request);
        return accounts.list(page).flatMap(found -> {
            ObjectNode json = JSON.createObjectNode().put("total_count", found.totalCount())
                    .put("page", page.number()).put("per_page", page.perPage());
            ArrayNode list = json.putArray("accounts");
            found.items().forEach(account -> list.add(json(account)));
            return reply(HttpStatus.OK, json);
        });
    }

    private Mono<ServerResponse> find(ServerRequest request) {
        AccountId id = id(request);
        return accounts.find(id).switchIfEmpty(notFound(id))
                .flatMap(account -> reply(HttpStatus.OK, json(account)));
    }

    private Mono<ServerResponse> delete(ServerRequest request) {
        AccountId id = id(request);
        return accounts.delete(id)
                .flatMap(deleted -> deleted ? ServerResponse.noContent().build() : notFound(id));
    }

    private Mono<ServerResponse> replaceMasterKey(ServerRequest request) {
        AccountId id = id(request);
        return accounts.replaceMasterKey(id).switchIfEmpty(notFound(id))
                .flatMap(issued -> reply(HttpStatus.OK, withMasterKey(issued)));
    }

    private static AccountId id(ServerRequest request) {
        String text = request.pathVariable("id");
        if (!AccountId.isValid(text)) {
            throw new ProblemException(Problem.NOT_FOUND, "No account has such an id.");
        }
        return new AccountId(text);
    }

    private static Page.Request page(ServerRequest request) {
        try {
            return Page.Request.parse(single(request, "page"), single(request, "per_page"), PER_PAGE);
        } catch (IllegalArgumentException invalid) {
            throw new ProblemException(Problem.FIELD_INVALID, String.valueOf(invalid.getMessage()));
        }
    }

    private static Optional<String> single(ServerRequest request, String name) {
        List<String> values = request.queryParams().getOrDefault(name, List.of());
        if (values.size() > 1) {
            throw new ProblemException(Problem.FIELD_INVALID, name + " is given more than once");
        }
        return values.stream().findFirst().filter(value -> !value.isEmpty());
    }

    private static <T> Mono<T> notFound(AccountId id) {
        return Mono.error(() -> new ProblemException(Problem.NOT_FOUND, "There is no account " + id + "."));
    }

    private static ObjectNode json(Account account) {
        return JSON.createObjectNode().put("id", account.id().value()).put("name", account.name()).put("created_at",
                account.created().toString());
    }

    private static ObjectNode withMasterKey(Account.Issued issued) {
        return json(issued.account()).put("master_key", issued.masterKey().secret());
    }

    private static Mono<ServerResponse> reply(HttpStatus status, ObjectNode json) {
        ServerResponse.BodyBuilder reply = ServerResponse.status(status).contentType(MediaType.APPLICATION_JSON)
                .cacheControl(CacheControl.noStore());
        if (status == HttpStatus.CREATED) {
            reply.location(URI.create("/api/v1/accounts/" + json.required("id").stringValue()));
        }
        return reply.bodyValue(JSON.writeValueAsString(json));
    }
}
