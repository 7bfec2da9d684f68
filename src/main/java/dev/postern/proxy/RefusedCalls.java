package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.call.CallReports;
import dev.postern.call.RequestId;
import dev.postern.inbound.Refusal;
import dev.postern.telemetry.GateMeters;
import java.util.Objects;
import org.reactivestreams.Publisher;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Answers requests that break the rules of HTTP, before anything else looks at them. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class RefusedCalls implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory> {
    private final GateMeters meters;
    private final CallReports reports;

    RefusedCalls(GateMeters meters, CallReports reports) {
        this.reports = reports;
        this.meters = meters;
    }

    @Override
    public void customize(NettyReactiveWebServerFactory factory) {
        factory.addRouteProviders(routes -> routes.route(request -> Refusal.of(request) != null, this::refuse));
    }

    private Publisher<Void> refuse(HttpServerRequest request, HttpServerResponse response) {
        Refusal refusal = Objects.requireNonNull(Refusal.of(request));
        meters.denied(refusal.reason(), 0);
        String requestId = RequestId.next();
        ReportedCalls.follow(request, reports.ofRefused(requestId, new ServerHead(request), refusal.reason()));
        return DenialWriter.write(response, new AccessDecision.Denied(refusal.reason(), refusal.detail()),
                requestId);
    }
}
