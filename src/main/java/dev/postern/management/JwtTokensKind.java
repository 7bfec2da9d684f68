package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.ApiId;
import dev.postern.access.Limits;
import dev.postern.credential.JwtToken;
import dev.postern.issuance.JwtTokens;
import dev.postern.issuance.NamedCredentials;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/jwt-tokens}: JWT tokens, with secrets that the gate generates or public keys of their clients. */
final class JwtTokensKind implements CredentialKind<JwtTokens.Listed> {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JwtTokens tokens;
    private final References references;
    private final RotationCalls rotation;

    JwtTokensKind(JwtTokens tokens, References references, RotationCalls rotation) {
        this.rotation = rotation;
        this.tokens = tokens;
        this.references = references;
    }

    @Override
    public String plural() {
        return "jwt-tokens";
    }

    @Override
    public String[] membersOfCreate() {
        return new String[]{"name", "apis", "users", "public_key"};
    }

    @Override
    public String[] membersOfReplace() {
        return new String[]{"name", "apis", "users", "enabled"};
    }

    @Override
    public AccountRoutes add(AccountRoutes routes) {
        return rotation.add(this, routes,
                (account, id, overlap) -> tokens.rotate(account, id, overlap).map(this::shown),
                (account, id, revoked) -> tokens.endRotation(account, id, revoked).map(this::shown));
    }

    @Override
    public Mono<ObjectNode> create(AccountId account, JsonInput input) {
        String name = input.name("name");
        Set<ApiId> apis = references.apis(input);
        Optional<JwtTokens.RegisteredKey> key = publicKey(input);
        Limits limits = LimitsInput.create(input);
        return references.users(account, input)
                .flatMap(users -> tokens.create(account, name, apis, users, key, limits))
                .map(this::shown);
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

    @Override
    public NamedCredentials<JwtTokens.Listed> credentials() {
        return tokens;
    }

    @Override
    public Mono<ObjectNode> find(AccountId account, String id) {
        return tokens.show(account, id).map(this::shown);
    }

    @Override
    public Mono<ObjectNode> replace(AccountId account, String id, JsonInput input) {
        String name = input.name("name");
        Set<ApiId> apis = references.apis(input);
        boolean enabled = input.flag("enabled", true);
        UnaryOperator<Limits> limits = LimitsInput.replace(input);
        return references.users(account, input)
                .flatMap(users -> tokens.replace(account, id, name, enabled, apis, users, limits)).map(this::json);
    }

    private ObjectNode shown(JwtTokens.Shown shown) {
        ObjectNode json = json(shown.listed());
        shown.secret().ifPresent(secret -> json.put("secret", secret.secret()));
        return json;
    }

    @Override
    public ObjectNode json(JwtTokens.Listed listed) {
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
