package dev.postern;

import dev.postern.credential.CredentialUse;
import dev.postern.store.GateIdentity;
import dev.postern.store.RedisStore;
import dev.postern.usage.ActiveDevices;
import dev.postern.usage.CredentialCalls;
import dev.postern.usage.CredentialUsage;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The counting of active devices, and of calls with each credential. */
@Configuration(proxyBeanMethods = false)
class UsageConfiguration {
    /** The maximum number of credentials in use whose calls are counted. */
    private static final int MAX_COUNTED = 100_000;

    @Bean
    CredentialUse credentialUse(RedisStore redis, Clock clock) {
        return new CredentialUse(redis.management(), clock);
    }

    @Bean
    CredentialCalls credentialCalls(RedisStore redis, Clock clock, GateIdentity gate) {
        return new CredentialCalls(redis.management(), clock, gate.id(), MAX_COUNTED);
    }

    @Bean
    CredentialUsage credentialUsage(RedisStore redis) {
        return new CredentialUsage(redis.management());
    }

    @Bean
    ActiveDevices activeDevices(RedisStore redis, Clock clock) {
        return new ActiveDevices(redis.management(), clock, ActiveDevices.Bounds.DEFAULT);
    }
}
