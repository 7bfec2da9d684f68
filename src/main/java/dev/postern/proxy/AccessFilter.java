package dev.postern.proxy;

import dev.postern.call.Call;
import dev.postern.call.FrontDoor;
import dev.postern.call.Lane;
import dev.postern.call.ReplyHeaders;
import dev.postern.call.Verdict;
import dev.postern.catalog.Reading;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Carries out the verdict on each call, whichever route the call takes. Runs before all other filters, so that none of
 * them sees a call that has not been allowed.
 */
final class AccessFilter implements GlobalFilter, Ordered {
    private final FrontDoor frontDoor;
    private final BodyPeek bodies;
    private final Forwarder forwarder;
    private final ReplyHeaders replyHeaders;

    AccessFilter(FrontDoor frontDoor, BodyPeek bodies, Forwarder forwarder, ReplyHeaders replyHeaders) {
        this.frontDoor = frontDoor;
        this.bodies = bodies;
        this.forwarder = forwarder;
        this.replyHeaders = replyHeaders;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        ExchangeCalls.Decided decided = ExchangeCalls.of(exchange, frontDoor);
        Call call = decided.call();
        addHeaders(exchange, call);
        return switch (OperatorRoutes.read(exchange, call)) {
            case Reading.Refused refused -> refuse(exchange, call, frontDoor.refuse(call, refused));
            case Reading.Read read -> {
                Verdict verdict = decided.verdict() == null ? frontDoor.decide(call, read) : decided.verdict();
                yield carryOut(new Forwarded(exchange, chain, call, read), verdict);
            }
        };
    }

    /** Adds the headers just before the response is sent, because the call may not be decided yet. */
    private void addHeaders(ServerWebExchange exchange, Call call) {
        exchange.getResponse().beforeCommit(() -> {
            replyHeaders.write(call, Lane.CHAIN, exchange.getResponse().getHeaders()::set);
            return Mono.empty();
        });
    }

    /** A call on its way through the gateway. */
    private record Forwarded(ServerWebExchange exchange, GatewayFilterChain chain, Call call, Reading.Read read) {
        Forwarded withBody(byte[] body) {
            return new Forwarded(BodyPeek.putBack(exchange, body), chain, call, read);
        }
    }

    private Mono<Void> carryOut(Forwarded on, Verdict verdict) {
        return switch (verdict) {
            case Verdict.Forward() -> forwarder.forward(on.exchange(), on.chain(), on.call(), on.read());
            case Verdict.Refuse refused -> refuse(on.exchange(), on.call(), refused);
            case Verdict.Wait(var next) -> next.flatMap(later -> carryOut(on, later));
            case Verdict.ReadBody awaited -> bodies.read(on.exchange().getRequest())
                    .flatMap(body -> carryOut(on, awaited, body));
        };
    }

    private Mono<Void> carryOut(Forwarded on, Verdict.ReadBody awaited, BodyPeek.Outcome body) {
        return switch (body) {
            case BodyPeek.Outcome.Refused(var denied) -> refuse(on.exchange(), on.call(),
                    frontDoor.refuseBody(on.call(), on.read(), denied));
            case BodyPeek.Outcome.Bytes(var bytes) -> carryOut(on.withBody(bytes),
                    frontDoor.withBody(on.call(), on.read(), awaited, bytes));
        };
    }

    private static Mono<Void> refuse(ServerWebExchange exchange, Call call, Verdict.Refuse refused) {
        return DenialWriter.write(exchange, refused.denied(), refused.allowedMethods(), call.requestId());
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public String toString() {
        return "access check: forwards or denies the call";
    }
}
