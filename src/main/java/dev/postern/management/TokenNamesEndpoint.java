package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;
import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.access.AccountId;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.TokenNameLookup;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Parameter;
import dev.postern.management.contract.Shape;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/token-names}: tells whether a name is free for a new token; the names of tokens are unique. */
final class TokenNamesEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Accounts accounts;
    private final TokenNameLookup names;

    TokenNamesEndpoint(Accounts accounts, TokenNameLookup names) {
        this.accounts = accounts;
        this.names = names;
    }

    RouterFunction<ServerResponse> routes() {
        return new AccountRoutes(accounts, "token-names").on(Operation.get("", "checkTokenName",
                "Checks whether a static, RSA or JWT token can have this name.").in(CredentialOperations.TAG)
                .accepts(new Parameter("name", Shapes.NAME, "The name; it is required."))
                .returns(Shape.object(required("name", Shapes.NAME, ""),
                        required("available", Shape.flag(), "Whether no token has the name."),
                        optional("kind", Shape.text(),
                                "The kind of the token with the name, if it is of this account."),
                        optional("id", Shape.text(), "The ID of that token."))),
                this::check).build();
    }

    private Mono<ServerResponse> check(AccountId account, ServerRequest request) {
        String name = DisplayText.name("name", Lists.single(request, "name")
                .orElseThrow(() -> JsonInput.invalid("name is missing")).strip());
        ObjectNode json = JSON.createObjectNode().put("name", name);
        return names.find(name).map(found -> {
            json.put("available", false);
            // A caller must not learn which tokens other accounts have.
            return found.account().equals(account) ? json.put("kind", found.kind()).put("id", found.id()) : json;
        }).switchIfEmpty(Mono.fromSupplier(() -> json.put("available", true))).flatMap(Replies::ok);
    }
}
