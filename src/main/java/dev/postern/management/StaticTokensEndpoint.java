package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import dev.postern.credential.RuleJson;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.StaticTokens;
import java.util.Optional;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/static-tokens}: the operator assigns tokens that are good until they are deleted. */
final class StaticTokensEndpoint {
    private static final String PLURAL = "static-tokens";

    private final Accounts accounts;
    private final StaticTokens tokens;
    private final References references;

    StaticTokensEndpoint(Accounts accounts, StaticTokens tokens, References references) {
        this.accounts = accounts;
        this.tokens = tokens;
        this.references = references;
    }

    RouterFunction<ServerResponse> routes() {
        return new AccountRoutes(accounts, PLURAL).post("", this::create).get("", this::list)
                .get("/{id}", this::find).put("/{id}", this::replace).delete("/{id}", this::delete).build();
    }

    private Mono<ServerResponse> create(AccountId account, ServerRequest request) {
        return JsonInput.read(request, "token", "name", "rules").flatMap(input -> {
            String name = input.name("name");
            Optional<String> chosen = token(input);
            return references.rulesOrEverything(account, input)
                    .flatMap(rules -> tokens.create(account, name, chosen, rules));
        }).flatMap(issued -> {
            ObjectNode json = json(issued.listed()).put("token", issued.text().secret());
            if (issued.text().secret().length() < StaticTokens.SAFE_LENGTH) {
                json.put("warning", "A token of fewer than " + StaticTokens.SAFE_LENGTH
                        + " characters can be guessed; use it on networks that you trust only.");
            }
            return Replies.created(AccountPath.of(account) + "/" + PLURAL + "/" + issued.listed().id(), json);
        });
    }

    private static Optional<String> token(JsonInput input) {
        Optional<String> chosen = input.optionalString("token");
        chosen.flatMap(StaticTokens::complaint).ifPresent(complaint -> {
            throw new ProblemException(Problem.FIELD_INVALID, "token " + complaint);
        });
        return chosen;
    }

    private Mono<ServerResponse> list(AccountId account, ServerRequest request) {
        Page.Request page = Lists.page(request);
        return tokens.list(account, Lists.name(request), page)
                .flatMap(found -> Lists.reply("static_tokens", page, found, StaticTokensEndpoint::json));
    }

    private Mono<ServerResponse> find(AccountId account, ServerRequest request) {
        return tokens.require(account, request.pathVariable("id")).flatMap(token -> Replies.ok(json(token)));
    }

    private Mono<ServerResponse> replace(AccountId account, ServerRequest request) {
        return JsonInput.read(request, "name", "enabled", "rules").flatMap(input -> {
            String name = input.name("name");
            boolean enabled = input.flag("enabled", true);
            return references.rules(account, input)
                    .flatMap(rules -> tokens.replace(account, request.pathVariable("id"), name, enabled, rules));
        }).flatMap(token -> Replies.ok(json(token)));
    }

    private Mono<ServerResponse> delete(AccountId account, ServerRequest request) {
        return tokens.delete(account, request.pathVariable("id")).then(Mono.defer(Replies::deleted));
    }

    private static ObjectNode json(StaticTokens.Listed listed) {
        ObjectNode json = CredentialJson.of(listed.id(), listed.token());
        RuleJson.write(json.putArray("rules"), listed.token().rules());
        return json;
    }
}
