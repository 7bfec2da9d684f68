package dev.postern;

import dev.postern.authentication.Authenticator;
import dev.postern.decision.AccessGate;
import dev.postern.decision.ReadableBodies;
import dev.postern.inbound.ClientAddresses;
import dev.postern.license.LicenseCheck;
import dev.postern.proxy.ForwardingSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The decisions about calls. */
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
}
