package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import dev.postern.credential.PresentedCredential;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.Terminals;
import java.time.Duration;
import java.util.Optional;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code …/applications/{id}/authcodes}: manages the codes with which terminals of a hardware application are admitted.
 */
final class AuthcodesEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MAX_DAYS = 3650;

    private final Accounts accounts;
    private final Terminals terminals;

    AuthcodesEndpoint(Accounts accounts, Terminals terminals) {
        this.accounts = accounts;
        this.terminals = terminals;
    }

    RouterFunction<ServerResponse> routes() {
        return new AccountRoutes(accounts, ApplicationsKind.PLURAL + "/{id}/authcodes").post("", this::create)
                .get("", this::list).delete("/{authcode}", this::delete).build();
    }

    private Mono<ServerResponse> create(AccountId account, ServerRequest request) {
        String id = request.pathVariable("id");
        return JsonInput.read(request, "count", "terminals", "valid_days").flatMap(input -> {
            int count = input.number("count", Terminals.MAX_COUNT);
            int places = input.number("terminals", Terminals.MAX_TERMINALS);
            Optional<Duration> validFor = input.optionalNumber("valid_days", MAX_DAYS).map(Duration::ofDays);
            return terminals.addAuthcodes(account, id, count, places, validFor);
        }).flatMap(made -> {
            ObjectNode json = JSON.createObjectNode();
            ArrayNode list = json.putArray("authcodes");
            made.forEach(code -> list.add(json(code)));
            return Replies.created(AccountPath.of(account) + "/" + ApplicationsKind.PLURAL + "/" + id
                    + "/authcodes", json);
        });
    }

    private Mono<ServerResponse> list(AccountId account, ServerRequest request) {
        Page.Request page = Lists.page(request);
        return terminals.authcodes(account, request.pathVariable("id"), page)
                .flatMap(found -> Lists.reply("authcodes", page, found, code -> {
                    ObjectNode json = json(code).put("used", code.used());
                    code.until().ifPresent(until -> json.put("valid_until", until.toString()));
                    return json;
                }));
    }

    private Mono<ServerResponse> delete(AccountId account, ServerRequest request) {
        return terminals.deleteAuthcode(account, request.pathVariable("id"),
                new PresentedCredential(request.pathVariable("authcode"))).flatMap(
                        deleted -> deleted
                                ? Replies.deleted()
                                : Mono.error(new ProblemException(Problem.NOT_FOUND,
                                        "The application has no such authcode.")));
    }

    private static ObjectNode json(Terminals.Authcode code) {
        return JSON.createObjectNode().put("authcode", code.code().secret()).put("terminals", code.terminals());
    }
}
