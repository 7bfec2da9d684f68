package dev.postern.express;

import dev.postern.access.CallsAnsweredHere;
import dev.postern.backend.Backends;
import dev.postern.call.CallLog;
import dev.postern.call.CommonBackend;
import dev.postern.call.FailedCalls;
import dev.postern.call.ForwardingSettings;
import dev.postern.call.FrontDoor;
import dev.postern.call.GateHeaders;
import dev.postern.catalog.Catalog;
import dev.postern.decision.ReadableBodies;
import dev.postern.inbound.ConnectionLane;
import dev.postern.inbound.CorsSettings;
import dev.postern.inbound.HttpDate;
import dev.postern.telemetry.BackendMeters;
import dev.postern.telemetry.LaneMeters;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.cloud.gateway.filter.headers.RemoveHopByHopHeadersFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The express lane. */
@Configuration(proxyBeanMethods = false)
public class ExpressConfiguration {
    @Bean
    @ConditionalOnProperty("postern.express.enabled")
    ConnectionLane expressLane(FrontDoor frontDoor, ExpressRoutes routes, GateHeaders gateHeaders, FailedCalls failed,
            CallLog log, LaneMeters meters, BackendMeters backendMeters, ReadableBodies bodies, CorsSettings cors,
            ForwardingSettings forwarding, ExpressSettings settings, RemoveHopByHopHeadersFilter hopByHop) {
        Set<String> dropped = new HashSet<>();
        hopByHop.getHeaders().forEach(name -> dropped.add(name.toLowerCase(Locale.ROOT)));
        Set<String> ofClient = Set.copyOf(dropped);
        FastThreadLocal<NameTreatments> treatments = new FastThreadLocal<>() {
            @Override
            protected NameTreatments initialValue() {
                return new NameTreatments(ofClient);
            }
        };
        if (cors.isOn()) {
            dropped.addAll(CorsSettings.HEADERS);
        }
        Services services = new Services(frontDoor, routes, gateHeaders, failed, log, meters, backendMeters, bodies,
                treatments, new ClientHead.Dropped(dropped), new HttpDate(), forwarding.bodyReadTimeout(),
                forwarding.uploadPace(), forwarding.idleTimeout(), cors.isOn() && !cors.allowsAny(),
                settings.responseHeader());
        return (calls, secure) -> new ExpressHandler(services, calls, secure);
    }

    @Bean
    ExpressRoutes expressRoutes(Catalog catalog, CommonBackend common, Backends backends,
            CallsAnsweredHere answeredHere, ForwardingSettings forwarding, CorsSettings cors) {
        return new ExpressRoutes(catalog, common, backends, answeredHere, forwarding.maxBodyRead().toBytes(),
                cors.isOn());
    }
}
