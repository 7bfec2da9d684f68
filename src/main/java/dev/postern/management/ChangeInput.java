package dev.postern.management;

import dev.postern.access.Limits;
import dev.postern.credential.ApiKey;
import dev.postern.credential.Application;
import dev.postern.credential.Credential;
import dev.postern.credential.JwtToken;
import dev.postern.credential.PermissionJson;
import dev.postern.credential.RsaToken;
import dev.postern.credential.StaticToken;
import dev.postern.management.contract.Shape;
import java.util.List;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * Reads a change of a credential without saving the change. The JSON is the body of the credential's {@code PUT}. A
 * member that is left out stays as it is, except {@code enabled}: it becomes true, as with the {@code PUT}.
 */
final class ChangeInput {
    static final Shape SHAPE = CredentialShapes.change();

    private final References references;

    ChangeInput(References references) {
        this.references = references;
    }

    /** The credential as it would be after the change. Errors name the wrong member. */
    Mono<Credential.Managed> read(Credential.Managed present, JsonNode json) {
        JsonInput input = JsonInput.nested("change", json, Stream.concat(members(present).stream(),
                LimitsInput.MEMBERS.stream()).toList());
        return Mono.defer(() -> change(present, input)).onErrorMap(ProblemException.class,
                wrong -> new ProblemException(wrong.problem(), "change: " + wrong.detail()));
    }

    private static List<String> members(Credential.Managed credential) {
        return switch (credential) {
            case ApiKey _ -> List.of("name", "enabled", "permissions");
            case StaticToken _,Application _ -> List.of("name", "enabled", "rules");
            case RsaToken _ -> List.of("name", "enabled", "apis", "projects");
            case JwtToken _ -> List.of("name", "enabled", "apis", "users");
        };
    }

    private Mono<Credential.Managed> change(Credential.Managed present, JsonInput input) {
        boolean enabled = input.flag("enabled", true);
        Limits limits = LimitsInput.replace(input).apply(present.limits());
        return switch (present) {
            case ApiKey key -> Mono.just(key.with(key.name(), enabled, input.has("permissions")
                    ? JsonInput.valid(() -> PermissionJson.read("permissions", input.required("permissions")))
                    : key.granted(), limits));
            case StaticToken token -> (input.has("rules")
                    ? references.rules(token.account(), input)
                    : Mono.just(token.rules())).map(rules -> token.with(token.name(), enabled, rules, limits));
            case Application application -> (input.has("rules")
                    ? references.rules(application.account(), input)
                    : Mono.just(application.rules()))
                    .map(rules -> application.with(application.name(), enabled, rules, limits));
            case RsaToken token -> (input.has("projects")
                    ? references.projects(token.account(), input)
                    : Mono.just(token.projects()))
                    .map(projects -> token.with(token.name(), enabled,
                            input.has("apis") ? references.apis(input) : token.apis(), projects, limits));
            case JwtToken token -> (input.has("users")
                    ? references.users(token.account(), input)
                    : Mono.just(token.users()))
                    .map(users -> token.with(token.name(), enabled,
                            input.has("apis") ? references.apis(input) : token.apis(), users, limits));
        };
    }
}
