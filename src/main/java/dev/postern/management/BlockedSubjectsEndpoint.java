package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import dev.postern.credential.BlockedSubject;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.BlockedSubjects;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Shape;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/blocked-subjects}: blocks subjects of external issuers in an account. */
final class BlockedSubjectsEndpoint {
    private static final String PLURAL = "blocked-subjects";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Accounts accounts;
    private final BlockedSubjects subjects;

    BlockedSubjectsEndpoint(Accounts accounts, BlockedSubjects subjects) {
        this.accounts = accounts;
        this.subjects = subjects;
    }

    RouterFunction<ServerResponse> routes() {
        Shape.Member issuer = required("issuer", Shapes.NAME, "The name of the issuer in the settings.");
        Shape.Member subject = required("subject", Shape.text(1, BlockedSubjects.MAX_SUBJECT), "");
        Shape blocked = Shape.object(required("id", Shape.text(), ""), issuer, subject,
                required("created_at", Shapes.TIME, "")).named("BlockedSubject");
        return new AccountRoutes(accounts, PLURAL)
                .on(Operation.post("", "blockSubject", "Blocks a subject of an external issuer.").in("Credentials")
                        .takes(Shape.object(issuer, subject)).creates(blocked)
                        .refuses(Problem.LIMIT_REACHED, Problem.ACCOUNT_FULL), this::block)
                .on(Shapes.list(Operation.get("", "listBlockedSubjects", "Lists blocked subjects."),
                        "blocked_subjects", blocked).in("Credentials"), this::list)
                .on(Operation.delete("/{id}", "unblockSubject", "Unblocks a subject.").in("Credentials"), this::unblock)
                .build();
    }

    private Mono<ServerResponse> block(AccountId account, ServerRequest request) {
        return JsonInput.read(request).flatMap(input -> {
            String issuer = input.name("issuer");
            String subject = input.string("subject");
            if (subject.isEmpty() || subject.length() > BlockedSubjects.MAX_SUBJECT) {
                throw new ProblemException(Problem.FIELD_INVALID,
                        "subject must have 1 to " + BlockedSubjects.MAX_SUBJECT + " characters");
            }
            return subjects.block(account, issuer, subject);
        }).flatMap(blocked -> Replies.created(AccountPath.of(account) + "/" + PLURAL + "/" + blocked.id(),
                json(blocked)));
    }

    private Mono<ServerResponse> list(AccountId account, ServerRequest request) {
        Page.Request page = Lists.page(request);
        return subjects.list(account, page)
                .flatMap(found -> Lists.reply("blocked_subjects", page, found, BlockedSubjectsEndpoint::json));
    }

    private Mono<ServerResponse> unblock(AccountId account, ServerRequest request) {
        return subjects.unblock(account, request.pathVariable("id")).flatMap(there -> there
                ? Replies.deleted()
                : Mono.error(new ProblemException(Problem.NOT_FOUND, "No blocked subject has this ID.")));
    }

    private static ObjectNode json(BlockedSubject blocked) {
        return JSON.createObjectNode().put("id", blocked.id()).put("issuer", blocked.issuer())
                .put("subject", blocked.subject()).put("created_at", blocked.created().toString());
    }
}
