package dev.postern.proxy;

import dev.postern.backend.Backend;
import dev.postern.call.Call;
import dev.postern.call.FrontDoor;
import dev.postern.call.Verdict;
import io.netty.util.AttributeKey;
import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Hands each call from the server, where the front door has decided it, to the exchange that the web framework makes of
 * it. The framework offers no other way than an attribute of the connection, which carries many requests; so a call is
 * given only to the request that it belongs to.
 */
public final class ExchangeCalls {
    private static final AttributeKey<Decided> CONNECTION = AttributeKey.valueOf(ExchangeCalls.class, "connection");
    private static final String EXCHANGE = ExchangeCalls.class.getName();

    private ExchangeCalls() {}

    /**
     * A call on its way.
     *
     * @param verdict null if the call is not decided yet: a call that the catalogue does not know may still be for a
     *                route of the operator
     */
    record Decided(HttpServerRequest request, Call call, @Nullable Verdict verdict) {}

    /** Attaches a call to the connection, for the next component that handles the request. */
    static void attach(Decided decided) {
        decided.request().withConnection(connection -> connection.channel().attr(CONNECTION).set(decided));
        ReportedCalls.follow(decided.request(), decided.call().report());
    }

    /** Takes the call that was attached for this request; null if there is none. */
    static @Nullable Decided take(HttpServerRequest request) {
        AtomicReference<@Nullable Decided> attached = new AtomicReference<>();
        request.withConnection(
                connection -> attached.setPlain(connection.channel().attr(CONNECTION).getAndSet(null)));
        Decided decided = attached.getPlain();
        return decided != null && request.equals(decided.request()) ? decided : null;
    }

    /**
     * The call of an exchange. It is read now, and not decided yet, if the gate could have answered the request itself
     * but did not.
     */
    static Decided of(ServerWebExchange exchange, FrontDoor frontDoor) {
        Decided known = exchange.getAttribute(EXCHANGE);
        if (known != null) {
            return known;
        }
        HttpServerRequest request = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
        Decided attached = take(request);
        Decided decided = attached == null ? read(request, frontDoor) : attached;
        exchange.getAttributes().put(EXCHANGE, decided);
        return decided;
    }

    private static Decided read(HttpServerRequest request, FrontDoor frontDoor) {
        Call call = frontDoor.read(new ServerHead(request));
        ReportedCalls.follow(request, call.report());
        return new Decided(request, call, null);
    }

    /** The backend with this address, in the version of the configuration that the call was read with. */
    static Backend backend(ServerWebExchange exchange, URI address) {
        Call call = find(exchange);
        if (call == null) {
            throw new IllegalStateException("a call that was not read is on its way to a backend");
        }
        return call.routing().backends().at(address);
    }

    /** The call of an exchange; null if the gate does not handle this exchange. */
    static @Nullable Call find(ServerWebExchange exchange) {
        Decided known = exchange.getAttribute(EXCHANGE);
        return known == null ? null : known.call();
    }

    /**
     * The call of an exchange that is allowed.
     *
     * @throws IllegalStateException if there is none
     */
    public static Call require(ServerWebExchange exchange) {
        Call call = find(exchange);
        if (call == null || call.principal() == null) {
            throw new IllegalStateException("a call that was not allowed is on its way to a backend");
        }
        return call;
    }
}
