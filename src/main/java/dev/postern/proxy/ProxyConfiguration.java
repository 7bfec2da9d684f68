package dev.postern.proxy;

import dev.postern.access.AccountId;
import dev.postern.access.CallsAnsweredHere;
import dev.postern.access.DeviceId;
import dev.postern.backend.Backends;
import dev.postern.catalog.Catalog;
import dev.postern.decision.AccessGate;
import dev.postern.decision.ReadableBodies;
import dev.postern.decision.RecentDecisions;
import dev.postern.license.LearnedDevices;
import dev.postern.store.CacheSettings;
import dev.postern.store.RedisStore;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.LicenseMeters;
import dev.postern.usage.ActiveDevices;
import dev.postern.usage.CredentialCalls;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the data plane: the beans for decisions are here, those for forwarding and the server in separate classes. */
@Configuration(proxyBeanMethods = false)
@Import({ForwardingConfiguration.class, ServerConfiguration.class})
public class ProxyConfiguration {
    @Bean
    StalenessHeader stalenessHeader(RedisStore redis, CacheSettings settings) {
        return new StalenessHeader(redis.changes().view(), settings);
    }

    @Bean
    EarlyRefusals earlyRefusals(Catalog catalog, CallsAnsweredHere answeredHere, AccessGate gate, GateMeters meters,
            LicenseMeters licenseMeters, RecentDecisions recent, StalenessHeader staleness) {
        return new EarlyRefusals(catalog, answeredHere, gate, new Refusals(meters, licenseMeters, recent), staleness);
    }

    @Bean
    AccessFilter accessFilter(Catalog catalog, AccessGate gate, ReadableBodies bodies, ForwardingSettings settings,
            ActiveDevices activeDevices, CredentialCalls credentialCalls, RecentDecisions recent,
            DeviceListener listener,
            StalenessHeader staleness, GateMeters meters,
            LicenseMeters licenseMeters, Backends backends) {
        Forwarder forwarder = new Forwarder(settings, backends, new DeviceLearner(listener, meters), meters);
        return new AccessFilter(catalog, gate, new BodyPeek(bodies, settings.bodyReadTimeout()), forwarder,
                new Refusals(meters, licenseMeters, recent), activeDevices, credentialCalls, recent,
                staleness, meters);
    }

    /** Devices that replies report are recorded in the background. */
    @Bean
    DeviceListener deviceListener(LearnedDevices devices) {
        return new DeviceListener() {
            @Override
            public void registered(AccountId account, DeviceId device) {
                devices.registered(account, device);
            }

            @Override
            public void removed(AccountId account, DeviceId device) {
                devices.removed(account, device);
            }
        };
    }

    @Bean
    GateErrors gateErrors(GateMeters meters) {
        return new GateErrors(meters);
    }

    @Bean
    RefusedCalls refusedCalls(GateMeters meters) {
        return new RefusedCalls(meters);
    }

    @Bean
    UnparsableTargets unparsableTargets(GateMeters meters) {
        return new UnparsableTargets(meters);
    }
}
