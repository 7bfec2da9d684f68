package dev.postern.proxy;

import dev.postern.access.AccessRequest;
import dev.postern.access.Principal;
import dev.postern.access.RequestTarget;
import dev.postern.access.TargetParser;
import dev.postern.catalog.Catalog;
import dev.postern.catalog.Reading;
import dev.postern.credential.Authentication;
import dev.postern.credential.Authenticator;
import dev.postern.credential.Presentation;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.http.server.HttpServerRequest;

/**
 * What the gate knows of one request: the only thing of ours among the attributes of an exchange. The request is read
 * once, when its route is looked for; the access filter adds the rest.
 */
final class AccessContext {
    private static final String ATTRIBUTE = AccessContext.class.getName();

    private final String requestId = RequestId.next();
    private final long arrived = System.nanoTime();
    private final RequestTarget.Parsed target;
    private final Reading reading;
    private final HttpHeaders clientHeaders;
    private final @Nullable InetSocketAddress peer;
    private @Nullable Authentication authentication;
    private @Nullable Principal principal;
    private @Nullable AccessRequest decided;

    private AccessContext(ServerHttpRequest request, Catalog catalog) {
        this.target = TargetParser.parse(rawTarget(request));
        this.clientHeaders = request.getHeaders();
        this.peer = request.getRemoteAddress();
        this.reading = catalog.read(request.getMethod().name(), target,
                name -> clientHeaders.getOrDefault(name, List.of()));
    }

    /** The context of this exchange, made at the first call. */
    static AccessContext of(ServerWebExchange exchange, Catalog catalog) {
        AccessContext known = exchange.getAttribute(ATTRIBUTE);
        if (known != null) {
            return known;
        }
        AccessContext context = new AccessContext(exchange.getRequest(), catalog);
        exchange.getAttributes().put(ATTRIBUTE, context);
        return context;
    }

    /** The context of an exchange that has one; null for one that the gate has nothing to do with. */
    static @Nullable AccessContext find(ServerWebExchange exchange) {
        return exchange.getAttribute(ATTRIBUTE);
    }

    /** What stood in the request line; the URI that Spring makes of it is normalized already. */
    static String rawTarget(ServerHttpRequest request) {
        HttpServerRequest nettyRequest = ServerHttpRequestDecorator.getNativeRequest(request);
        return nettyRequest.uri();
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

    /** What memory says of the credential; asked once, however many look at it. */
    Authentication authenticateNow(Authenticator authenticator) {
        Authentication known = authentication;
        if (known == null) {
            known = authenticator.authenticateNow(
                    Presentation.read(clientHeaders.getOrDefault(HttpHeaders.AUTHORIZATION, List.of()),
                            clientHeaders.getOrDefault("api-key", List.of())));
            authentication = known;
        }
        return known;
    }

    @Nullable InetSocketAddress peer() {
        return peer;
    }

    void allowed(Principal allowedPrincipal, AccessRequest request) {
        this.principal = allowedPrincipal;
        this.decided = request;
    }

    /** Who was allowed; null until that is decided. */
    @Nullable Principal principal() {
        return principal;
    }

    /** What was allowed; null until that is decided. */
    @Nullable AccessRequest decided() {
        return decided;
    }
}
