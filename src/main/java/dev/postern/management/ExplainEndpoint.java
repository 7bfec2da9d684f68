package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;

import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import dev.postern.access.DenyReason.OAuthError;
import dev.postern.decision.Explainer;
import dev.postern.decision.Explanation;
import dev.postern.decision.HypotheticalCall;
import dev.postern.decision.Who;
import dev.postern.issuance.ListedCredentials;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Shape;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** {@code /api/v1/explain}: how a call would be decided, and why. */
final class ExplainEndpoint {
    /** Refusals that the text of a credential decides, whoever it may belong to. */
    private static final Set<DenyReason> OF_THE_TEXT = Set.of(DenyReason.TOKEN_MALFORMED,
            DenyReason.TOKEN_HEADER_REFUSED);

    private final Explainer explainer;
    private final ListedCredentials credentials;
    private final ExplanationJson json;

    ExplainEndpoint(Explainer explainer, ListedCredentials credentials, ExplanationJson json) {
        this.explainer = explainer;
        this.credentials = credentials;
        this.json = json;
    }

    RouterFunction<ServerResponse> routes() {
        return new Routes().on(Operation.compute("/api/v1/explain", "explainCall",
                "Explains how a call would be decided, without making it.").in("Decisions")
                .takes(Shape.object(Stream.concat(Stream.of(
                        optional("credential", Shape.text(),
                                "The credential that the client presents, without the word Bearer."),
                        optional("credential_id", Shape.text(),
                                "The ID of a credential, in place of the credential itself."),
                        optional("account", Shapes.ID, "The account of `credential_id`.")), CallInput.shape())
                        .toList()))
                .returns(ExplanationJson.SHAPE), this::explain).build();
    }

    private Mono<ServerResponse> explain(ServerRequest request) {
        Caller caller = Caller.of(request.exchange());
        return JsonInput.read(request).flatMap(input -> {
            HypotheticalCall call = CallInput.read(input);
            Optional<String> credential = input.optionalString("credential");
            if (credential.isPresent()
                    ? call.presentsCredential() || input.has("credential_id")
                    : call.presentsCredential() && input.has("credential_id")) {
                throw JsonInput.invalid("Only one of credential, credential_id and a header can name the credential");
            }
            return (input.has("credential_id") ? known(caller, input) : Mono.just(new Who.Presents()))
                    .flatMap(who -> explainer.explain(credential.map(call::with).orElse(call), who));
        }).flatMap(explanation -> isHidden(caller, explanation)
                ? Mono.error(noSuchCredential())
                : Replies.ok(json.of(explanation)));
    }

    private Mono<Who> known(Caller caller, JsonInput input) {
        return index(credentials, account(caller, input), input.string("credential_id"))
                .map(index -> new Who.Known(index, CallInput.user(input)));
    }

    /**
     * The account of a credential: the caller's own, if the caller is a key holder. For a key holder, the credentials
     * of other accounts do not exist.
     */
    static AccountId account(Caller caller, JsonInput input) {
        Optional<AccountId> own = caller.account();
        if (own.isEmpty()) {
            return input.accountId("account");
        }
        if (input.has("account") && !input.accountId("account").equals(own.get())) {
            throw noSuchCredential();
        }
        return own.get();
    }

    static Mono<String> index(ListedCredentials credentials, AccountId account, String id) {
        return credentials.index(account, id).switchIfEmpty(Mono.error(ExplainEndpoint::noSuchCredential));
    }

    static ProblemException noSuchCredential() {
        return new ProblemException(Problem.NOT_FOUND, "The account has no such credential.");
    }

    /**
     * Whether the credential does not belong to the caller's account. A credential that nobody has is hidden, too:
     * otherwise an account could find out which credentials others have or had.
     */
    private static boolean isHidden(Caller caller, Explanation explanation) {
        if (caller.account().isEmpty()) {
            return false;
        }
        return explanation.subject().map(subject -> !subject.account().equals(caller.account().get()))
                .orElseGet(() -> explanation.denied()
                        .filter(denied -> denied.reason().oauthError() == OAuthError.INVALID_TOKEN
                                && !OF_THE_TEXT.contains(denied.reason()))
                        .isPresent());
    }
}
