package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessRequest;
import dev.postern.catalog.Reading;
import dev.postern.decision.RecentDecisions;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.LicenseMeters;
import java.util.Set;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/** Refuses calls: counts them, and writes the denial. */
final class Refusals {
    private final GateMeters meters;
    private final LicenseMeters licenseMeters;
    private final RecentDecisions recent;

    Refusals(GateMeters meters, LicenseMeters licenseMeters, RecentDecisions recent) {
        this.meters = meters;
        this.licenseMeters = licenseMeters;
        this.recent = recent;
    }

    Mono<Void> refuse(ServerWebExchange exchange, AccessContext context, AccessRequest request,
            AccessDecision.Denied denied) {
        note(context, request, denied);
        return DenialWriter.write(exchange, denied, Set.of(), context.requestId());
    }

    /** Refuses a call that the web framework has not seen. */
    Mono<Void> refuse(HttpServerResponse response, AccessContext context, AccessRequest request,
            AccessDecision.Denied denied) {
        note(context, request, denied);
        return DenialWriter.write(response, denied, context.requestId());
    }

    private void note(AccessContext context, AccessRequest request, AccessDecision.Denied denied) {
        meters.denied(request.api(), denied.reason(), context.nanosSinceArrival());
        licenseMeters.denied(denied.reason());
        recent.refused(context.authenticated(), request, context, denied.reason());
    }

    /** Refuses a call that matches no operation of the catalogue, or is ambiguous. */
    Mono<Void> refuse(ServerWebExchange exchange, AccessContext context, Reading.Refused refused) {
        meters.denied(refused.denied().reason(), context.nanosSinceArrival());
        return DenialWriter.write(exchange, refused.denied(), refused.allowed(), context.requestId());
    }
}
