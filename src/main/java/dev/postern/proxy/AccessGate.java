package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessPolicy;
import dev.postern.access.AccessRequest;
import dev.postern.access.Principal;
import dev.postern.credential.Authentication;
import dev.postern.credential.Authenticator;
import reactor.core.publisher.Mono;

/**
 * Authenticates and decides. {@link #answerNow} is the synchronous entry: it answers from memory, on the caller's thread,
 * or says what it lacks.
 */
final class AccessGate {
    private final Authenticator authenticator;

    AccessGate(Authenticator authenticator) {
        this.authenticator = authenticator;
    }

    /** An answer, or what has to be fetched for one. */
    sealed interface Answer {
        record Decided(AccessDecision decision, AccessRequest request) implements Answer {}

        /** The credential has to be looked up. */
        record NeedsStore(Authentication.NeedsStore question, AccessRequest request) implements Answer {}

        /** The ids in the body have to be read. */
        record NeedsBody(Principal principal, AccessRequest request) implements Answer {}
    }

    Answer answerNow(AccessContext context, AccessRequest request) {
        return answer(context.authenticateNow(authenticator), request);
    }

    Mono<Answer> askStore(Answer.NeedsStore lacking) {
        return authenticator.authenticate(lacking.question())
                .map(authentication -> answer(authentication, lacking.request()));
    }

    Answer withBody(Answer.NeedsBody lacking, AccessRequest complete) {
        return new Answer.Decided(AccessPolicy.decide(lacking.principal(), complete), complete);
    }

    private static Answer answer(Authentication authentication, AccessRequest request) {
        return switch (authentication) {
            case Authentication.Refused(var denied) -> new Answer.Decided(denied, request);
            case Authentication.NeedsStore question -> new Answer.NeedsStore(question, request);
            case Authentication.Verified(var principal, var _) -> AccessPolicy.needsBody(principal, request)
                    ? new Answer.NeedsBody(principal, request)
                    : new Answer.Decided(AccessPolicy.decide(principal, request), request);
        };
    }
}
