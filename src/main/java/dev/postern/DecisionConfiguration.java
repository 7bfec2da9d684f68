package dev.postern;

import dev.postern.access.CallsAnsweredHere;
import dev.postern.authentication.Authenticator;
import dev.postern.authentication.Rehearsal;
import dev.postern.call.ForwardingSettings;
import dev.postern.call.Routing;
import dev.postern.decision.AccessGate;
import dev.postern.decision.Explainer;
import dev.postern.decision.ReadableBodies;
import dev.postern.decision.RecentDecisions;
import dev.postern.decision.WhatIf;
import dev.postern.inbound.ClientAddresses;
import dev.postern.inbound.InboundBounds;
import dev.postern.license.Devices;
import dev.postern.license.LicenseCheck;
import dev.postern.license.LicenseRehearsal;
import dev.postern.license.LicenseSettings;
import dev.postern.store.RedisStore;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The decisions about calls, and what explains them. */
@Configuration(proxyBeanMethods = false)
class DecisionConfiguration {
    @Bean
    AccessGate accessGate(Authenticator authenticator, LicenseCheck licenseCheck, ClientAddresses addresses) {
        return new AccessGate(authenticator, licenseCheck, addresses);
    }

    @Bean
    ReadableBodies readableBodies(ForwardingSettings settings) {
        return new ReadableBodies(settings.maxBodyRead().toBytes());
    }

    @Bean
    RecentDecisions recentDecisions(PosternProperties properties, ClientAddresses addresses, Clock clock) {
        return new RecentDecisions(properties.recentDecisions(), addresses, clock);
    }

    @Bean
    Rehearsal rehearsal(Authenticator authenticator) {
        return new Rehearsal(authenticator);
    }

    @Bean
    Explainer explainer(Routing routing, CallsAnsweredHere answeredHere, AccessGate gate, Rehearsal rehearsal,
            RedisStore redis, @Qualifier("devicesOfCalls") Devices devices, LicenseSettings licenses,
            ReadableBodies bodies, Clock clock, Environment environment) {
        return new Explainer(routing::catalog, answeredHere, gate, rehearsal,
                new LicenseRehearsal(redis, devices, licenses, clock), bodies,
                InboundBounds.of(environment).maxTarget());
    }

    @Bean
    WhatIf whatIf(Explainer explainer, Rehearsal rehearsal, RecentDecisions recent) {
        return new WhatIf(explainer, rehearsal, recent);
    }
}
