package dev.postern.proxy;

import dev.postern.access.AccessRequest;
import dev.postern.access.Principal;
import dev.postern.access.RequestTarget;
import dev.postern.access.TargetParser;
import dev.postern.authentication.Authentication;
import dev.postern.authentication.Authenticator;
import dev.postern.authentication.Presentation;
import dev.postern.backend.Slot;
import dev.postern.catalog.Catalog;
import dev.postern.catalog.Reading;
import dev.postern.decision.AccessGate;
import dev.postern.store.Patience;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.support.Netty4HeadersAdapter;
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Everything that the gate knows about one request, and its only attribute of an exchange. The request is read once, as
 * soon as its head has arrived; the access filter adds the rest.
 */
final class AccessContext implements AccessGate.Call {
    private static final String ATTRIBUTE = AccessContext.class.getName();

    private static final AttributeKey<AccessContext> ATTACHED = AttributeKey.valueOf(AccessContext.class, "attached");

    private final HttpServerRequest request;
    private final String requestId = RequestId.next();
    private final long arrived = System.nanoTime();
    private final RequestTarget.Parsed target;
    private final Reading reading;
    private final HttpHeaders clientHeaders;
    private final @Nullable InetSocketAddress peer;
    private @Nullable Authentication authentication;
    private @Nullable Principal principal;
    private @Nullable AccessRequest decided;
    private @Nullable Slot slot;

    private AccessContext(HttpServerRequest request, Catalog catalog) {
        this.request = request;
        this.target = TargetParser.parse(request.uri());
        this.clientHeaders = new HttpHeaders(new Netty4HeadersAdapter(request.requestHeaders()));
        this.peer = request.remoteAddress();
        this.reading = catalog.read(request.method().name(), target,
                name -> clientHeaders.getOrDefault(name, List.of()));
    }

    static AccessContext of(HttpServerRequest request, Catalog catalog) {
        return new AccessContext(request, catalog);
    }

    /** Attaches this context to the connection, for the next component that handles the request. */
    void attachToConnection() {
        request.withConnection(connection -> connection.channel().attr(ATTACHED).set(this));
    }

    /** The context of this exchange: the one attached to the connection, or a new one at the first call. */
    static AccessContext of(ServerWebExchange exchange, Catalog catalog) {
        AccessContext known = exchange.getAttribute(ATTRIBUTE);
        if (known != null) {
            return known;
        }
        HttpServerRequest request = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
        AccessContext attached = takeFromConnection(request);
        AccessContext context = attached == null ? of(request, catalog) : attached;
        exchange.getAttributes().put(ATTRIBUTE, context);
        return context;
    }

    /** Takes the context that was attached to the connection for this request; null if there is none. */
    static @Nullable AccessContext takeFromConnection(HttpServerRequest request) {
        AtomicReference<@Nullable AccessContext> attached = new AtomicReference<>();
        request.withConnection(connection -> attached.setPlain(connection.channel().attr(ATTACHED).getAndSet(null)));
        AccessContext context = attached.getPlain();
        // A connection carries many requests.
        return context != null && request.equals(context.request) ? context : null;
    }

    /** The context of an exchange; null if the gate does not handle this exchange. */
    static @Nullable AccessContext find(ServerWebExchange exchange) {
        return exchange.getAttribute(ATTRIBUTE);
    }

    String requestId() {
        return requestId;
    }

    long nanosSinceArrival() {
        return System.nanoTime() - arrived;
    }

    RequestTarget.Parsed target() {
        return target;
    }

    Reading reading() {
        return reading;
    }

    /** The headers as they arrived. */
    HttpHeaders clientHeaders() {
        return clientHeaders;
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
    public void authenticated(Authentication known) {
        authentication = known;
    }

    private Presentation presentation() {
        return Presentation.read(clientHeaders::get);
    }

    @Override
    public @Nullable InetSocketAddress peer() {
        return peer;
    }

    @Override
    public @Nullable List<String> header(String name) {
        return clientHeaders.get(name);
    }

    /** Who calls, if the caller was authenticated; null otherwise, and for a call that was not. */
    @Nullable Principal authenticated() {
        return authentication instanceof Authentication.Verified verified ? verified.principal() : null;
    }

    void allowed(Principal allowedPrincipal, AccessRequest request) {
        this.principal = allowedPrincipal;
        this.decided = request;
    }

    void holds(Slot held) {
        this.slot = held;
    }

    /** The slot that permits the call to use a backend connection; null until it has one. */
    @Nullable Slot slot() {
        return slot;
    }

    /** The allowed principal; null before the decision. */
    @Nullable Principal principal() {
        return principal;
    }

    /** The allowed request; null before the decision. */
    @Nullable AccessRequest decided() {
        return decided;
    }
}
