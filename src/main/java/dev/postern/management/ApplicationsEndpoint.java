package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import dev.postern.credential.Application;
import dev.postern.credential.RuleJson;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.Applications;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/applications}: the operator registers programs that get access tokens, and replaces their secrets. */
final class ApplicationsEndpoint {
    static final String PLURAL = "applications";

    private final Accounts accounts;
    private final Applications applications;
    private final References references;

    ApplicationsEndpoint(Accounts accounts, Applications applications, References references) {
        this.accounts = accounts;
        this.applications = applications;
        this.references = references;
    }

    RouterFunction<ServerResponse> routes() {
        return new AccountRoutes(accounts, PLURAL).post("", this::create).get("", this::list)
                .get("/{id}", this::find).put("/{id}", this::replace).delete("/{id}", this::delete)
                .post("/{id}/secret", this::replaceSecret).build();
    }

    private Mono<ServerResponse> create(AccountId account, ServerRequest request) {
        return JsonInput.read(request, "name", "kind", "rules").flatMap(input -> {
            String name = input.name("name");
            Application.Platform platform = Application.Platform.named(input.string("kind"))
                    .orElseThrow(() -> new ProblemException(Problem.FIELD_INVALID,
                            "kind is neither software nor hardware"));
            return references.rulesOrEverything(account, input)
                    .flatMap(rules -> applications.create(account, name, platform, rules));
        }).flatMap(issued -> Replies.created(
                AccountPath.of(account) + "/" + PLURAL + "/" + issued.listed().id(), json(issued)));
    }

    private Mono<ServerResponse> list(AccountId account, ServerRequest request) {
        Page.Request page = Lists.page(request);
        return applications.list(account, Lists.name(request), page)
                .flatMap(found -> Lists.reply(PLURAL, page, found, ApplicationsEndpoint::json));
    }

    private Mono<ServerResponse> find(AccountId account, ServerRequest request) {
        return applications.require(account, request.pathVariable("id")).flatMap(found -> Replies.ok(json(found)));
    }

    private Mono<ServerResponse> replace(AccountId account, ServerRequest request) {
        return JsonInput.read(request, "name", "enabled", "rules").flatMap(input -> {
            String name = input.name("name");
            boolean enabled = input.flag("enabled", true);
            return references.rules(account, input).flatMap(
                    rules -> applications.replace(account, request.pathVariable("id"), name, enabled, rules));
        }).flatMap(found -> Replies.ok(json(found)));
    }

    private Mono<ServerResponse> delete(AccountId account, ServerRequest request) {
        return applications.delete(account, request.pathVariable("id")).then(Mono.defer(Replies::deleted));
    }

    private Mono<ServerResponse> replaceSecret(AccountId account, ServerRequest request) {
        return applications.replaceSecret(account, request.pathVariable("id"))
                .flatMap(issued -> Replies.okWithSecret(json(issued)));
    }

    private static ObjectNode json(Applications.Issued issued) {
        return json(issued.listed()).put("app_secret", issued.secret().secret());
    }

    private static ObjectNode json(Applications.Listed listed) {
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
