package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.ApiId;
import dev.postern.access.Limits;
import dev.postern.issuance.NamedCredentials;
import dev.postern.issuance.RsaTokens;
import dev.postern.management.contract.Operation;
import java.time.Clock;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/rsa-tokens}: RSA open tokens, and the files with which their clients make tokens. */
final class RsaTokensKind implements CredentialKind<RsaTokens.Listed> {
    private final RsaTokens tokens;
    private final References references;
    private final Clock clock;

    RsaTokensKind(RsaTokens tokens, References references, Clock clock) {
        this.tokens = tokens;
        this.references = references;
        this.clock = clock;
    }

    @Override
    public String plural() {
        return "rsa-tokens";
    }

    @Override
    public String[] membersOfCreate() {
        return new String[]{"name", "apis", "projects"};
    }

    @Override
    public String[] membersOfReplace() {
        return new String[]{"name", "apis", "projects", "enabled"};
    }

    @Override
    public AccountRoutes add(AccountRoutes routes) {
        return routes.on(Operation.get("/{id}/file", "getRsaTokenFile",
                "Shows what clients need to make tokens, with an example.").in(CredentialOperations.TAG)
                .returns(RsaTokenFile.SHAPE), this::file);
    }

    @Override
    public Mono<ObjectNode> create(AccountId account, JsonInput input) {
        String name = input.name("name");
        Set<ApiId> apis = references.apis(input);
        Limits limits = LimitsInput.create(input);
        return references.projects(account, input)
                .flatMap(projects -> tokens.create(account, name, apis, projects, limits)).map(this::json);
    }

    @Override
    public NamedCredentials<RsaTokens.Listed> credentials() {
        return tokens;
    }

    @Override
    public Mono<ObjectNode> replace(AccountId account, String id, JsonInput input) {
        String name = input.name("name");
        Set<ApiId> apis = references.apis(input);
        boolean enabled = input.flag("enabled", true);
        UnaryOperator<Limits> limits = LimitsInput.replace(input);
        return references.projects(account, input)
                .flatMap(projects -> tokens.replace(account, id, name, enabled, apis, projects, limits))
                .map(this::json);
    }

    private Mono<ServerResponse> file(AccountId account, ServerRequest request) {
        return tokens.file(account, request.pathVariable("id")).flatMap(file -> Replies.file(
                "postern-" + file.token().keyId() + ".json", RsaTokenFile.json(file, clock.instant())));
    }

    @Override
    public ObjectNode json(RsaTokens.Listed listed) {
        ObjectNode json = CredentialJson.of(listed.id(), listed.token()).put("key_id", listed.token().keyId());
        CredentialJson.putApis(json, listed.token().apis());
        CredentialJson.putIds(json.putArray("projects"), listed.token().projects());
        return json;
    }
}
