package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.ApiId;
import dev.postern.account.Page;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.RsaTokens;
import java.time.Clock;
import java.util.Set;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/rsa-tokens}: the operator makes RSA open tokens, and gets the files with which their clients make theirs. */
final class RsaTokensEndpoint {
    private static final String PLURAL = "rsa-tokens";

    private final Accounts accounts;
    private final RsaTokens tokens;
    private final References references;
    private final Clock clock;

    RsaTokensEndpoint(Accounts accounts, RsaTokens tokens, References references, Clock clock) {
        this.accounts = accounts;
        this.tokens = tokens;
        this.references = references;
        this.clock = clock;
    }

    RouterFunction<ServerResponse> routes() {
        return new AccountRoutes(accounts, PLURAL).post("", this::create).get("", this::list)
                .get("/{id}", this::find).put("/{id}", this::replace).delete("/{id}", this::delete)
                .get("/{id}/file", this::file).build();
    }

    private Mono<ServerResponse> create(AccountId account, ServerRequest request) {
        return JsonInput.read(request, "name", "apis", "projects").flatMap(input -> {
            String name = input.name("name");
            Set<ApiId> apis = references.apis(input);
            return references.projects(account, input)
                    .flatMap(projects -> tokens.create(account, name, apis, projects));
        }).flatMap(token -> Replies.created(AccountPath.of(account) + "/" + PLURAL + "/" + token.id(), json(token)));
    }

    private Mono<ServerResponse> list(AccountId account, ServerRequest request) {
        Page.Request page = Lists.page(request);
        return tokens.list(account, Lists.name(request), page)
                .flatMap(found -> Lists.reply("rsa_tokens", page, found, RsaTokensEndpoint::json));
    }

    private Mono<ServerResponse> find(AccountId account, ServerRequest request) {
        return tokens.require(account, request.pathVariable("id")).flatMap(token -> Replies.ok(json(token)));
    }

    private Mono<ServerResponse> replace(AccountId account, ServerRequest request) {
        return JsonInput.read(request, "name", "apis", "projects", "enabled").flatMap(input -> {
            String name = input.name("name");
            Set<ApiId> apis = references.apis(input);
            boolean enabled = input.flag("enabled", true);
            return references.projects(account, input).flatMap(projects -> tokens.replace(account,
                    request.pathVariable("id"), name, enabled, apis, projects));
        }).flatMap(token -> Replies.ok(json(token)));
    }

    private Mono<ServerResponse> delete(AccountId account, ServerRequest request) {
        return tokens.delete(account, request.pathVariable("id")).then(Mono.defer(Replies::deleted));
    }

    private Mono<ServerResponse> file(AccountId account, ServerRequest request) {
        return tokens.file(account, request.pathVariable("id")).flatMap(file -> Replies.file(
                "postern-" + file.token().keyId() + ".json", RsaTokenFile.json(file, clock.instant())));
    }

    private static ObjectNode json(RsaTokens.Listed listed) {
        ObjectNode json = CredentialJson.of(listed.id(), listed.token()).put("key_id", listed.token().keyId());
        CredentialJson.putApis(json, listed.token().apis());
        CredentialJson.putIds(json.putArray("projects"), listed.token().projects());
        return json;
    }
}
