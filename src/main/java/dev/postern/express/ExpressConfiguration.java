package dev.postern.express;

import dev.postern.access.CallsAnsweredHere;
import dev.postern.call.CallLog;
import dev.postern.call.FailedCalls;
import dev.postern.call.ForwardingSettings;
import dev.postern.call.FrontDoor;
import dev.postern.call.GateHeaders;
import dev.postern.call.ReplyHeaders;
import dev.postern.call.StreamRights;
import dev.postern.decision.ReadableBodies;
import dev.postern.inbound.ConnectionLane;
import dev.postern.inbound.CorsSettings;
import dev.postern.inbound.HttpDate;
import dev.postern.telemetry.BackendMeters;
import dev.postern.telemetry.LaneMeters;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.headers.RemoveHopByHopHeadersFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The express lane. */
@Configuration(proxyBeanMethods = false)
public class ExpressConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger("dev.postern");

    @Bean
    @ConditionalOnBooleanProperty(name = "postern.express.enabled", matchIfMissing = true)
    ConnectionLane expressLane(FrontDoor frontDoor, ExpressRoutes routes, GateHeaders gateHeaders, FailedCalls failed,
            CallLog log, StreamRights rights, LaneMeters meters, BackendMeters backendMeters, ReadableBodies bodies,
            CorsSettings cors,
            ForwardingSettings forwarding, ReplyHeaders replyHeaders, RemoveHopByHopHeadersFilter hopByHop) {
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
        Services services = new Services(frontDoor, routes, gateHeaders, failed, replyHeaders, log, rights, meters,
                backendMeters, bodies,
                treatments, new ClientHead.Dropped(dropped), new HttpDate(), forwarding.bodyReadTimeout(),
                forwarding.uploadPace(), forwarding.idleTimeout(), cors.isOn() && !cors.allowsAny());
        return (calls, secure) -> new ExpressHandler(services, calls, secure);
    }

    @Bean
    @ConditionalOnBooleanProperty(name = "postern.express.enabled", matchIfMissing = true)
    ExpressRoutes expressRoutes(CallsAnsweredHere answeredHere, CorsSettings cors, ListableBeanFactory beans,
            GatewayProperties gateway, Environment environment) {
        List<String> additions = CustomizedChain.additions(beans, gateway, environment);
        if (!additions.isEmpty()) {
            LOG.info("The express lane is not used, because it does not know these parts of the chain: {}", additions);
        }
        return new ExpressRoutes(answeredHere, cors.isOn(), !additions.isEmpty());
    }
}
