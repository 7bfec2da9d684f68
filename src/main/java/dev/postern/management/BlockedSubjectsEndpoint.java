package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import dev.postern.credential.BlockedSubject;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.BlockedSubjects;
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
        return new AccountRoutes(accounts, PLURAL).post("", this::block).get("", this::list)
                .delete("/{id}", this::unblock).build();
    }

    private Mono<ServerResponse> block(AccountId account, ServerRequest request) {
        return JsonInput.read(request, "issuer", "subject").flatMap(input -> {
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
                : Mono.error(new ProblemException(Problem.NOT_FOUND, "No blocked subject has this id.")));
    }

    private static ObjectNode json(BlockedSubject blocked) {
        return JSON.createObjectNode().put("id", blocked.id()).put("issuer", blocked.issuer())
                .put("subject", blocked.subject()).put("created_at", blocked.created().toString());
    }
}
