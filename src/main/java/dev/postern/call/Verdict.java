package dev.postern.call;

import dev.postern.access.AccessDecision;
import dev.postern.decision.AccessGate.Answer;
import java.util.Set;
import reactor.core.publisher.Mono;

/** What is to be done with a call. */
public sealed interface Verdict {
    /** The call is allowed. Only the {@link FrontDoor} makes this, after it has noted the principal in the call. */
    record Forward() implements Verdict {}

    /**
     * The call is refused.
     *
     * @param allowedMethods the methods that its path supports, if the method is what is wrong; empty otherwise
     */
    record Refuse(AccessDecision.Denied denied, Set<String> allowedMethods) implements Verdict {}

    /** The decision depends on the body: read it, then call {@link FrontDoor#withBody}. */
    record ReadBody(Answer.NeedsBody lacking) implements Verdict {}

    /** The decision depends on the store: subscribe. */
    record Wait(Mono<Verdict> next) implements Verdict {}
}
