package dev.postern.call;

import dev.postern.decision.AccessGate;
import dev.postern.decision.RecentDecisions;
import dev.postern.inbound.ClientAddresses;
import dev.postern.store.CacheSettings;
import dev.postern.store.RedisStore;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.LicenseMeters;
import dev.postern.usage.ActiveDevices;
import dev.postern.usage.CredentialCalls;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The front door, and what is shared by those who forward calls. */
@Configuration(proxyBeanMethods = false)
@Import(ReportConfiguration.class)
public class CallConfiguration {
    @Bean
    CallLog callLog(GateMeters meters, LicenseMeters licenseMeters, ActiveDevices activeDevices,
            CredentialCalls credentialCalls, RecentDecisions recent) {
        return new CallLog(meters, licenseMeters, activeDevices, credentialCalls, recent);
    }

    @Bean
    FailedCalls failedCalls(GateMeters meters) {
        return new FailedCalls(meters);
    }

    @Bean
    GateHeaders gateHeaders(ClientAddresses addresses) {
        return new GateHeaders(addresses);
    }

    @Bean
    ReplyHeaders replyHeaders(ExpressSettings settings) {
        return new ReplyHeaders(settings);
    }

    @Bean
    FrontDoor frontDoor(Routing routing, AccessGate gate, CallLog log, RedisStore redis, CacheSettings settings,
            CallReports reports) {
        return new FrontDoor(routing, gate, log, new Staleness(redis.changes().view(), settings), reports);
    }

    @Bean
    StreamRights streamRights(FrontDoor frontDoor, GateMeters meters, ForwardingSettings settings) {
        return new StreamRights(frontDoor, meters, settings.longResponse());
    }
}
