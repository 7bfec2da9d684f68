package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.credential.Application;
import dev.postern.credential.RuleJson;
import dev.postern.issuance.Applications;
import dev.postern.issuance.NamedCredentials;
import dev.postern.management.contract.Operation;
import java.util.function.UnaryOperator;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/applications}: programs that get access tokens, and their secrets. */
final class ApplicationsKind implements CredentialKind<Applications.Listed> {
    static final String PLURAL = "applications";

    private final Applications applications;
    private final References references;
    private final RotationCalls rotation;

    ApplicationsKind(Applications applications, References references, RotationCalls rotation) {
        this.rotation = rotation;
        this.applications = applications;
        this.references = references;
    }

    @Override
    public String plural() {
        return PLURAL;
    }

    @Override
    public String[] membersOfCreate() {
        return new String[]{"name", "kind", "rules"};
    }

    @Override
    public String[] membersOfReplace() {
        return new String[]{"name", "enabled", "rules"};
    }

    @Override
    public AccountRoutes add(AccountRoutes routes) {
        routes.on(Operation.post("/{id}/secret", "replaceApplicationSecret",
                "Generates a new secret. If two are valid because of an overlap, the older one is revoked at once.")
                .in(CredentialOperations.TAG)
                .returns(CredentialShapes.reply(PLURAL).with(CredentialShapes.secrets(PLURAL)))
                .with(Operation.Trait.ETAG, Operation.Trait.IF_MATCH).refuses(Problem.CONCURRENT_CHANGE),
                this::replaceSecret);
        return rotation.add(this, routes,
                (account, id, overlap) -> applications.rotate(account, id, overlap).map(this::issued),
                (account, id, revoked) -> applications.endRotation(account, id, revoked).map(this::json));
    }

    @Override
    public Mono<ObjectNode> create(AccountId account, JsonInput input) {
        String name = input.name("name");
        Application.Platform platform = Application.Platform.named(input.string("kind"))
                .orElseThrow(() -> new ProblemException(Problem.FIELD_INVALID,
                        "kind is neither software nor hardware"));
        Limits limits = LimitsInput.create(input);
        return references.rulesOrEverything(account, input)
                .flatMap(rules -> applications.create(account, name, platform, rules, limits)).map(this::issued);
    }

    @Override
    public NamedCredentials<Applications.Listed> credentials() {
        return applications;
    }

    @Override
    public Mono<ObjectNode> replace(AccountId account, String id, JsonInput input) {
        String name = input.name("name");
        boolean enabled = input.flag("enabled", true);
        UnaryOperator<Limits> limits = LimitsInput.replace(input);
        return references.rules(account, input)
                .flatMap(rules -> applications.replace(account, id, name, enabled, rules, limits)).map(this::json);
    }

    private Mono<ServerResponse> replaceSecret(AccountId account, ServerRequest request) {
        return applications.replaceSecret(account, request.pathVariable("id"))
                .flatMap(issued -> rotation.withUse(account, issued(issued))).flatMap(Replies::okWithSecret);
    }

    private ObjectNode issued(Applications.Issued issued) {
        return json(issued.listed()).put("app_secret", issued.secret().secret());
    }

    @Override
    public ObjectNode json(Applications.Listed listed) {
        Application application = listed.application();
        ObjectNode json = CredentialJson.of(listed.id(), application)
                .put("kind", application.platform().word()).put("app_key", listed.key().secret());
        RuleJson.write(json.putArray("rules"), application.rules());
        ArrayNode secrets = json.putArray("secrets");
        listed.secrets().forEach(use -> write(secrets.addObject(), use));
        return json;
    }

    private static void write(ObjectNode json, Applications.SecretUse use) {
        json.put("current", use.until().isEmpty()).put("created_at", use.created().toString());
        use.until().ifPresent(until -> json.put("valid_until", until.toString()));
        use.lastUsed().ifPresentOrElse(used -> json.put("last_used_at", used.toString()),
                () -> json.putNull("last_used_at"));
    }
}
