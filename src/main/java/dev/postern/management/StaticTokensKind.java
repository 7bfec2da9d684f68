package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.credential.RuleJson;
import dev.postern.issuance.NamedCredentials;
import dev.postern.issuance.StaticTokens;
import java.util.Optional;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/static-tokens}: tokens that are valid until they are deleted or expire. */
final class StaticTokensKind implements CredentialKind<StaticTokens.Listed> {
    private final StaticTokens tokens;
    private final References references;
    private final RotationCalls rotation;

    StaticTokensKind(StaticTokens tokens, References references, RotationCalls rotation) {
        this.rotation = rotation;
        this.tokens = tokens;
        this.references = references;
    }

    @Override
    public String plural() {
        return "static-tokens";
    }

    @Override
    public String[] membersOfCreate() {
        return new String[]{"token", "name", "rules"};
    }

    @Override
    public String[] membersOfReplace() {
        return new String[]{"name", "enabled", "rules"};
    }

    @Override
    public AccountRoutes add(AccountRoutes routes) {
        return rotation.add(this, routes,
                (account, id, overlap) -> tokens.rotate(account, id, overlap).map(this::issued),
                (account, id, revoked) -> tokens.endRotation(account, id, revoked).map(this::json));
    }

    @Override
    public Mono<ObjectNode> create(AccountId account, JsonInput input) {
        String name = input.name("name");
        Optional<String> chosen = token(input);
        Limits limits = LimitsInput.create(input);
        return references.rulesOrEverything(account, input)
                .flatMap(rules -> tokens.create(account, name, chosen, rules, limits)).map(this::issued);
    }

    private static Optional<String> token(JsonInput input) {
        Optional<String> chosen = input.optionalString("token");
        chosen.flatMap(StaticTokens::complaint).ifPresent(complaint -> {
            throw new ProblemException(Problem.FIELD_INVALID, "token " + complaint);
        });
        return chosen;
    }

    private ObjectNode issued(StaticTokens.Issued issued) {
        ObjectNode json = json(issued.listed()).put("token", issued.text().secret());
        if (issued.text().secret().length() < StaticTokens.SAFE_LENGTH) {
            json.put("warning", "A token of fewer than " + StaticTokens.SAFE_LENGTH
                    + " characters can be guessed. Use it only on trusted networks.");
        }
        return json;
    }

    @Override
    public NamedCredentials<StaticTokens.Listed> credentials() {
        return tokens;
    }

    @Override
    public Mono<ObjectNode> replace(AccountId account, String id, JsonInput input) {
        String name = input.name("name");
        boolean enabled = input.flag("enabled", true);
        UnaryOperator<Limits> limits = LimitsInput.replace(input);
        return references.rules(account, input)
                .flatMap(rules -> tokens.replace(account, id, name, enabled, rules, limits)).map(this::json);
    }

    @Override
    public ObjectNode json(StaticTokens.Listed listed) {
        ObjectNode json = CredentialJson.of(listed.id(), listed.token());
        RuleJson.write(json.putArray("rules"), listed.token().rules());
        return json;
    }
}
