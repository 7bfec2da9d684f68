package dev.postern;

import dev.postern.audit.AuditLog;
import dev.postern.operator.AttemptLimit;
import dev.postern.operator.Operators;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The operators, and the log of what they change. */
@Configuration(proxyBeanMethods = false)
class OperatorConfiguration {
    @Bean
    Operators operators(RedisStore redis, SecretKeys secrets, Clock clock) {
        return new Operators(redis.management(), secrets, clock);
    }

    @Bean
    AttemptLimit attemptLimit(Clock clock) {
        return new AttemptLimit(clock);
    }

    @Bean
    AuditLog auditLog(RedisStore redis, SecretKeys secrets, Clock clock, PosternProperties properties) {
        return new AuditLog(redis.management(), secrets, clock, properties.audit().maxEntries());
    }
}
