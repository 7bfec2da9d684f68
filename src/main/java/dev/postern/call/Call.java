package dev.postern.call;

import dev.postern.access.AccessRequest;
import dev.postern.access.Principal;
import dev.postern.access.RequestTarget;
import dev.postern.access.TargetParser;
import dev.postern.authentication.Authentication;
import dev.postern.authentication.Authenticator;
import dev.postern.authentication.Presentation;
import dev.postern.backend.Slot;
import dev.postern.catalog.Reading;
import dev.postern.decision.AccessGate;
import dev.postern.store.Patience;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the gate knows about one call. The request is read once, as soon as its head has arrived; the front door and the
 * lane add what they learn later.
 */
public final class Call implements AccessGate.Call {
    private final Head head;
    private final String requestId = RequestId.next();
    private final long arrived = System.nanoTime();
    private final RoutingTable routing;
    private final RequestTarget.Parsed target;
    private final Reading reading;
    private @Nullable Authentication authentication;
    private @Nullable Principal principal;
    private @Nullable AccessRequest decided;
    private @Nullable String staleness;
    private @Nullable Slot slot;
    private @Nullable CallReport report;

    Call(Head head, RoutingTable routing) {
        this.head = head;
        this.routing = routing;
        this.target = TargetParser.parse(head.target());
        this.reading = read(routing);
    }

    /** The call as the catalogue of this version reads it. */
    Reading read(RoutingTable version) {
        return version.catalog().read(head.method(), target, this::values);
    }

    private List<String> values(String name) {
        List<String> values = head.header(name);
        return values == null ? List.of() : values;
    }

    /** Identifies the call in the response, in the log and to the backend. */
    public String requestId() {
        return requestId;
    }

    public long nanosSinceArrival() {
        return System.nanoTime() - arrived;
    }

    public Head head() {
        return head;
    }

    /** The version of the configuration with which the call was read. All that is done with the call uses this one. */
    public RoutingTable routing() {
        return routing;
    }

    public RequestTarget.Parsed target() {
        return target;
    }

    /** The call as the catalogue reads it. */
    public Reading reading() {
        return reading;
    }

    @Override
    public Authentication authenticateNow(Authenticator authenticator, Patience patience) {
        Authentication known = authentication;
        if (known == null) {
            known = authenticator.authenticateNow(presentation(), patience);
            authentication = known;
        }
        return known;
    }

    @Override
    public Authentication authenticateAgainNow(Authenticator authenticator, Authentication.Verified before,
            Patience patience) {
        return authenticator.authenticateAgainNow(presentation(), before, patience);
    }

    @Override
    public Authentication.Verified verified() {
        if (authentication instanceof Authentication.Verified verified) {
            return verified;
        }
        throw notAllowed();
    }

    @Override
    public void authenticated(Authentication known) {
        authentication = known;
    }

    private Presentation presentation() {
        return Presentation.read(head::header);
    }

    @Override
    public @Nullable InetSocketAddress peer() {
        return head.peer();
    }

    @Override
    public @Nullable List<String> header(String name) {
        return head.header(name);
    }

    /** Who calls, if the caller was authenticated; null otherwise. */
    @Nullable Principal authenticated() {
        return authentication instanceof Authentication.Verified verified ? verified.principal() : null;
    }

    /** Notes that the call is allowed. Only the front door calls this. */
    void allowed(Principal allowedPrincipal, AccessRequest request) {
        this.principal = allowedPrincipal;
        this.decided = request;
    }

    /** The caller; null unless the call was allowed. */
    public @Nullable Principal principal() {
        return principal;
    }

    /** @throws IllegalStateException if the call was not allowed */
    public Principal requirePrincipal() {
        Principal allowed = principal;
        if (allowed == null) {
            throw notAllowed();
        }
        return allowed;
    }

    /**
     * The allowed request.
     *
     * @throws IllegalStateException if the call was not allowed
     */
    public AccessRequest requireDecided() {
        AccessRequest request = decided;
        if (request == null) {
            throw notAllowed();
        }
        return request;
    }

    private static IllegalStateException notAllowed() {
        return new IllegalStateException("a call that was not allowed is on its way to a backend");
    }

    void reportTo(CallReport wanted) {
        report = wanted;
    }

    /** Takes what is reported about the call when it ends; null if nobody wants to know. */
    public @Nullable CallReport report() {
        return report;
    }

    void staleness(String present) {
        staleness = present;
    }

    /** The value of {@link Staleness#HEADER} for the response; null if the operator does not want it. */
    public @Nullable String staleness() {
        return staleness;
    }

    public void holds(Slot held) {
        this.slot = held;
    }

    /** The slot that permits the call to use a backend connection; null until it has one. */
    public @Nullable Slot slot() {
        return slot;
    }
}
