package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.ApiId;
import dev.postern.account.Page;
import dev.postern.credential.JwtToken;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.JwtTokens;
import java.util.Optional;
import java.util.Set;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/jwt-tokens}: the operator makes JWT tokens, with secrets of the gate or public keys of their clients. */
final class JwtTokensEndpoint {
    private static final String PLURAL = "jwt-tokens";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Accounts accounts;
    private final JwtTokens tokens;
    private final References references;

    JwtTokensEndpoint(Accounts accounts, JwtTokens tokens, References references) {
        this.accounts = accounts;
        this.tokens = tokens;
        this.references = references;
    }

    RouterFunction<ServerResponse> routes() {
        return new AccountRoutes(accounts, PLURAL).post("", this::create).get("", this::list)
                .get("/{id}", this::find).put("/{id}", this::replace).delete("/{id}", this::delete).build();
    }

    private Mono<ServerResponse> create(AccountId account, ServerRequest request) {
        return JsonInput.read(request, "name", "apis", "users", "public_key").flatMap(input -> {
            String name = input.name("name");
            Set<ApiId> apis = references.apis(input);
            Optional<JwtTokens.RegisteredKey> key = publicKey(input);
            return references.users(account, input).flatMap(users -> tokens.create(account, name, apis, users, key));
        }).flatMap(shown -> Replies.created(AccountPath.of(account) + "/" + PLURAL + "/" + shown.listed().id(),
                json(shown)));
    }

    private static Optional<JwtTokens.RegisteredKey> publicKey(JsonInput input) {
        if (!input.has("public_key")) {
            return Optional.empty();
        }
        JsonNode key = input.required("public_key");
        String text = key.isObject() ? JSON.writeValueAsString(key) : input.string("public_key");
        try {
            return Optional.of(JwtTokens.RegisteredKey.read(text));
        } catch (IllegalArgumentException unusable) {
            throw new ProblemException(Problem.FIELD_INVALID, "public_key: " + unusable.getMessage());
        }
    }

    private Mono<ServerResponse> list(AccountId account, ServerRequest request) {
        Page.Request page = Lists.page(request);
        return tokens.list(account, Lists.name(request), page)
                .flatMap(found -> Lists.reply("jwt_tokens", page, found, JwtTokensEndpoint::json));
    }

    private Mono<ServerResponse> find(AccountId account, ServerRequest request) {
        return tokens.show(account, request.pathVariable("id")).flatMap(shown -> Replies.ok(json(shown)));
    }

    private Mono<ServerResponse> replace(AccountId account, ServerRequest request) {
        return JsonInput.read(request, "name", "apis", "users", "enabled").flatMap(input -> {
            String name = input.name("name");
            Set<ApiId> apis = references.apis(input);
            boolean enabled = input.flag("enabled", true);
            return references.users(account, input).flatMap(
                    users -> tokens.replace(account, request.pathVariable("id"), name, enabled, apis, users));
        }).flatMap(token -> Replies.ok(json(token)));
    }

    private Mono<ServerResponse> delete(AccountId account, ServerRequest request) {
        return tokens.delete(account, request.pathVariable("id")).then(Mono.defer(Replies::deleted));
    }

    private static ObjectNode json(JwtTokens.Shown shown) {
        ObjectNode json = json(shown.listed());
        shown.secret().ifPresent(secret -> json.put("secret", secret.secret()));
        return json;
    }

    private static ObjectNode json(JwtTokens.Listed listed) {
        JwtToken token = listed.token();
        ObjectNode json = CredentialJson.of(listed.id(), token).put("secret_id", token.secretId());
        switch (token.key()) {
            case JwtToken.Key.Secret _ -> json.put("algorithm", "HS256");
            case JwtToken.Key.Public(var text) -> {
                JsonNode jwk = JSON.readTree(text);
                json.put("algorithm", jwk.required("alg").stringValue()).set("public_key", jwk);
            }
        }
        CredentialJson.putApis(json, token.apis());
        CredentialJson.putIds(json.putArray("users"), token.users());
        return json;
    }
}
