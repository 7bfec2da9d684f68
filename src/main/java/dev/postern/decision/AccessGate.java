package dev.postern.decision;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessPolicy;
import dev.postern.access.AccessRequest;
import dev.postern.access.Action;
import dev.postern.access.Limits;
import dev.postern.access.Principal;
import dev.postern.authentication.Authentication;
import dev.postern.authentication.Authenticator;
import dev.postern.catalog.DeviceEffect;
import dev.postern.catalog.Reading;
import dev.postern.inbound.ClientAddresses;
import dev.postern.license.DeviceUse;
import dev.postern.license.LicenseCheck;
import dev.postern.store.Patience;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Authenticates the caller, decides whether to allow the call, and takes the seats that an allowed call needs. {@link
 * #answerNow} is the synchronous entry point: it answers from memory, on the caller's thread, or says what is missing.
 */
public final class AccessGate {
    private final Authenticator authenticator;
    private final LicenseCheck licenseCheck;
    private final ClientAddresses addresses;

    public AccessGate(Authenticator authenticator, LicenseCheck licenseCheck, ClientAddresses addresses) {
        this.authenticator = authenticator;
        this.licenseCheck = licenseCheck;
        this.addresses = addresses;
    }

    /** Where a call comes from. Asked only if its credential is limited to networks. */
    public interface Caller {
        @Nullable InetSocketAddress peer();

        /** The values of a header; null if the call does not have it. */
        @Nullable List<String> header(String name);
    }

    /** A call that is being made. */
    public interface Call extends Caller {
        /** Authenticates the credential from memory the first time; after that, returns the same result. */
        Authentication authenticateNow(Authenticator authenticator, Patience patience);

        /** Authenticates the credential from memory again. */
        Authentication authenticateAgainNow(Authenticator authenticator, Authentication.Verified before,
                Patience patience);

        /** The last authentication of an allowed call. */
        Authentication.Verified verified();

        /** Takes note of who the caller is, if the store had to be asked. */
        void authenticated(Authentication authentication);
    }

    /**
     * The question to decide.
     *
     * @param use how the call uses its devices
     */
    public record Question(AccessRequest request, DeviceUse use) {
        public static Question of(Reading.Read read) {
            return new Question(read.request(), switch (read.effect()) {
                case DeviceEffect.None _ -> DeviceUse.ORDINARY;
                case DeviceEffect.Registers _ -> DeviceUse.REGISTERING;
                case DeviceEffect.Removes _ -> DeviceUse.REMOVING;
            });
        }

        public Patience patience() {
            return request.action() == Action.GET ? Patience.READ : Patience.WRITE;
        }

        public Question with(AccessRequest complete) {
            return new Question(complete, use);
        }
    }

    /** An answer, or the information that must be fetched first. */
    public sealed interface Answer {
        Question question();

        record Decided(AccessDecision decision, Question question) implements Answer {}

        /** The credential must be looked up. */
        record NeedsStore(Authentication.NeedsStore lookup, Question question) implements Answer {}

        /** The IDs in the body must be read. */
        record NeedsBody(Authentication.Verified verified, Question question) implements Answer {}

        /** The call is allowed if the license of the account covers it. */
        record NeedsSeat(Principal principal, Question question) implements Answer {}
    }

    /** Answers from memory. */
    public Answer answerNow(Call call, Question question) {
        return answer(call.authenticateNow(authenticator, question.patience()), question, call);
    }

    /** Answers after looking up the credential. */
    public Mono<Answer> askStore(Call call, Answer.NeedsStore lacking) {
        return authenticator.authenticate(lacking.lookup()).map(authentication -> {
            call.authenticated(authentication);
            return answer(authentication, lacking.question(), call);
        });
    }

    /**
     * Decides with the complete request. Authenticates again, so that a call cannot outlive its credential by sending
     * its body slowly.
     */
    public Answer withBody(Call call, Answer.NeedsBody lacking, AccessRequest complete) {
        Question question = lacking.question().with(complete);
        return answer(call.authenticateAgainNow(authenticator, lacking.verified(), question.patience()), question,
                call);
    }

    /** Answers after checking the license, and takes the seats that the call needs. */
    public Mono<Answer> takeSeat(Answer.NeedsSeat lacking) {
        Question question = lacking.question();
        return licenseCheck
                .checkAndTakeSeats(lacking.principal().account(), question.request().devices(), question.use(),
                        question.patience())
                .map(denied -> new Answer.Decided(
                        denied.<AccessDecision>map(no -> no)
                                .orElseGet(() -> new AccessDecision.Allowed(lacking.principal())),
                        question));
    }

    /** Decides a call that was allowed, as it would be decided now. It takes the seats that it has lost, if it can. */
    public Mono<AccessDecision> decideAgain(Call call, AccessRequest request) {
        return Mono.defer(() -> {
            Question question = new Question(request, DeviceUse.CONTINUING);
            return settle(call, answer(call.authenticateAgainNow(authenticator, call.verified(), question.patience()),
                    question, call));
        });
    }

    private Mono<AccessDecision> settle(Call call, Answer answer) {
        return switch (answer) {
            case Answer.Decided decided -> Mono.just(decided.decision());
            case Answer.NeedsStore lacking -> authenticator.authenticate(lacking.lookup()).flatMap(authentication -> {
                if (authentication instanceof Authentication.Verified) {
                    // A refusal would hide who the caller was. It may be for a moment only, such as busy workers.
                    call.authenticated(authentication);
                }
                return settle(call, answer(authentication, lacking.question(), call));
            });
            case Answer.NeedsSeat lacking -> takeSeat(lacking).flatMap(next -> settle(call, next));
            // Its permission was narrowed to streams, which are in the body. The policy refuses it without the body.
            case Answer.NeedsBody lacking ->
                Mono.just(AccessPolicy.decide(lacking.verified().principal(), lacking.question().request()));
        };
    }

    /** Decides, given the result of the authentication from memory or the store. */
    public Answer answer(Authentication authentication, Question question, Caller caller) {
        return switch (authentication) {
            case Authentication.Refused(var denied) -> new Answer.Decided(denied, question);
            case Authentication.NeedsStore lookup -> new Answer.NeedsStore(lookup, question);
            case Authentication.Verified verified -> {
                Limits limits = verified.principal().limits();
                AccessDecision.Denied denied = limits.limitsAddresses()
                        ? AccessPolicy.refuseAddress(limits, addresses.of(caller.peer(), caller::header))
                        : null;
                yield denied == null ? answer(verified, question) : new Answer.Decided(denied, question);
            }
        };
    }

    private Answer answer(Authentication.Verified verified, Question question) {
        return AccessPolicy.needsBody(verified.principal(), question.request())
                ? new Answer.NeedsBody(verified, question)
                : decide(verified.principal(), question);
    }

    /** Only calls that are otherwise allowed take a seat. */
    private Answer decide(Principal principal, Question question) {
        AccessDecision decision = AccessPolicy.decide(principal, question.request());
        return decision instanceof AccessDecision.Allowed
                && !licenseCheck.isCoveredNow(principal.account(), question.request().devices(), question.use(),
                        question.patience())
                                ? new Answer.NeedsSeat(principal, question)
                                : new Answer.Decided(decision, question);
    }
}
