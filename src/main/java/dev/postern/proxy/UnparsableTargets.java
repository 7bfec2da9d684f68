package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.call.CallReports;
import dev.postern.call.RequestId;
import dev.postern.inbound.Targets;
import dev.postern.telemetry.GateMeters;
import io.netty.handler.codec.http.HttpHeaderNames;
import org.reactivestreams.Publisher;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;

/**
 * Answers requests whose target is not a valid URI. The web framework would answer them with a bare 400 before any
 * filter sees them; here they get the same response as every ambiguous target, and are counted.
 */
final class UnparsableTargets implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory> {
    private final GateMeters meters;
    private final CallReports reports;

    UnparsableTargets(GateMeters meters, CallReports reports) {
        this.reports = reports;
        this.meters = meters;
    }

    @Override
    public void customize(NettyReactiveWebServerFactory factory) {
        factory.addRouteProviders(this::route);
    }

    private HttpServerRoutes route(HttpServerRoutes routes) {
        return routes.route(
                request -> !Targets.isUri(request.uri(), request.requestHeaders().get(HttpHeaderNames.HOST)),
                this::refuse);
    }

    private Publisher<Void> refuse(HttpServerRequest request, HttpServerResponse response) {
        meters.denied(DenyReason.REQUEST_AMBIGUOUS, 0);
        String requestId = RequestId.next();
        ReportedCalls.follow(request,
                reports.ofRefused(requestId, new ServerHead(request), DenyReason.REQUEST_AMBIGUOUS));
        return DenialWriter.write(response, new AccessDecision.Denied(DenyReason.REQUEST_AMBIGUOUS, Targets.NO_URI),
                requestId);
    }
}
