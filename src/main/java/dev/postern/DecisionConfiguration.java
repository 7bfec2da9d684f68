package dev.postern;

import dev.postern.access.ApiId;
import dev.postern.access.CallsAnsweredHere;
import dev.postern.authentication.Authenticator;
import dev.postern.authentication.Rehearsal;
import dev.postern.call.CommonBackend;
import dev.postern.call.ForwardingSettings;
import dev.postern.catalog.Catalog;
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
import java.util.Set;
import java.util.stream.Collectors;
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
    Explainer explainer(Catalog catalog, CallsAnsweredHere answeredHere, AccessGate gate, Rehearsal rehearsal,
            RedisStore redis, @Qualifier("devicesOfCalls") Devices devices, LicenseSettings licenses,
            ReadableBodies bodies, CommonBackend common, Clock clock, Environment environment) {
        Set<ApiId> withBackend = catalog.apis().stream()
                .filter(api -> api.backend().or(common::address).isPresent()).map(Catalog.Api::id)
                .collect(Collectors.toSet());
        return new Explainer(catalog, answeredHere, gate, rehearsal,
                new LicenseRehearsal(redis, devices, licenses, clock), bodies,
                withBackend::contains, InboundBounds.of(environment).maxTarget());
    }

    @Bean
    WhatIf whatIf(Explainer explainer, Rehearsal rehearsal, RecentDecisions recent) {
        return new WhatIf(explainer, rehearsal, recent);
    }
}
