package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;
import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import dev.postern.credential.PresentedCredential;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.Terminals;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Shape;
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
    private static final String TAG = "Credentials";
    private static final int MAX_DAYS = 3650;

    private final Accounts accounts;
    private final Terminals terminals;

    AuthcodesEndpoint(Accounts accounts, Terminals terminals) {
        this.accounts = accounts;
        this.terminals = terminals;
    }

    RouterFunction<ServerResponse> routes() {
        Shape.Member terminals = required("terminals", Shape.whole(1, Terminals.MAX_TERMINALS),
                "The number of terminals that each authcode admits.");
        Shape.Member code = required("authcode", Shape.text(), "");
        return new AccountRoutes(accounts, ApplicationsKind.PLURAL + "/{id}/authcodes")
                .on(Operation.post("", "createAuthcodes", "Creates authcodes of a hardware application.").in(TAG)
                        .takes(Shape.object(required("count", Shape.whole(1, Terminals.MAX_COUNT), ""), terminals,
                                optional("valid_days", Shape.whole(1, MAX_DAYS), "If absent, they never expire.")))
                        .creates(Shape.object(
                                required("authcodes", Shape.list(Shape.object(code, terminals)), "")))
                        .refuses(Problem.LIMIT_REACHED, Problem.ACCOUNT_FULL), this::create)
                .on(Shapes.list(Operation.get("", "listAuthcodes", "Lists the authcodes of an application."),
                        "authcodes", Shape.object(code, terminals,
                                required("used", Shape.count(), "The number of terminals that it admitted."),
                                optional("valid_until", Shapes.TIME, "")))
                        .in(TAG), this::list)
                .on(Operation.delete("/{authcode}", "deleteAuthcode",
                        "Deletes an authcode, and revokes the tokens of the terminals that it admitted.").in(TAG),
                        this::delete)
                .build();
    }

    private Mono<ServerResponse> create(AccountId account, ServerRequest request) {
        String id = request.pathVariable("id");
        return JsonInput.read(request).flatMap(input -> {
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
