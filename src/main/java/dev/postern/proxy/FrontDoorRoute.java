package dev.postern.proxy;

import dev.postern.access.CallsAnsweredHere;
import dev.postern.call.Call;
import dev.postern.call.FrontDoor;
import dev.postern.call.Lane;
import dev.postern.call.ReplyHeaders;
import dev.postern.call.Verdict;
import dev.postern.catalog.Reading;
import dev.postern.telemetry.LaneMeters;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;

/**
 * Brings each request to the front door, before the web framework sees it. A call that can be refused from memory is
 * answered here, so that a flood of them costs as little as a flood of unknown paths. All others go on to the gateway,
 * with the verdict.
 */
final class FrontDoorRoute {
    private final FrontDoor frontDoor;
    private final CallsAnsweredHere answeredHere;
    private final LaneMeters meters;
    private final ReplyHeaders replyHeaders;

    FrontDoorRoute(FrontDoor frontDoor, CallsAnsweredHere answeredHere, LaneMeters meters, ReplyHeaders replyHeaders) {
        this.meters = meters;
        this.replyHeaders = replyHeaders;
        this.frontDoor = frontDoor;
        this.answeredHere = answeredHere;
    }

    /** Adds the route that the server tries before it passes a request to the web framework. */
    HttpServerRoutes addTo(HttpServerRoutes routes) {
        return routes.route(this::isRefused, this::refuse);
    }

    private boolean isRefused(HttpServerRequest request) {
        Call call = frontDoor.read(new ServerHead(request));
        if (answeredHere.contains(request.uri(), call.target())) {
            return false;
        }
        count(request, call);
        Verdict verdict = call.reading() instanceof Reading.Read read ? frontDoor.decide(call, read) : null;
        ExchangeCalls.attach(new ExchangeCalls.Decided(request, call, verdict));
        return verdict instanceof Verdict.Refuse;
    }

    private void count(HttpServerRequest request, Call call) {
        AtomicReference<Lane.@Nullable Declined> noted = new AtomicReference<>();
        request.withConnection(connection -> noted.setPlain(Lane.declined(connection.channel())));
        Lane.Declined why = noted.getPlain();
        String reason = (request.version().majorVersion() > 1
                ? Lane.Declined.HTTP2
                : why == null ? Lane.Declined.OFF : why).word();
        if (call.reading() instanceof Reading.Read read) {
            meters.count(read.request().api(), Lane.CHAIN.word(), reason);
        } else {
            meters.count(Lane.CHAIN.word(), reason);
        }
    }

    private Publisher<Void> refuse(HttpServerRequest request, HttpServerResponse response) {
        ExchangeCalls.Decided decided = Objects.requireNonNull(ExchangeCalls.take(request), "decided just now");
        if (!(decided.verdict() instanceof Verdict.Refuse refused)) {
            throw new IllegalStateException("only refused calls are answered here");
        }
        return DenialWriter.write(response, refused, decided.call(), replyHeaders);
    }
}
