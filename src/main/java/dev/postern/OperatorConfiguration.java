package dev.postern;

import dev.postern.audit.AuditLog;
import dev.postern.console.ConsoleSettings;
import dev.postern.operator.AttemptLimit;
import dev.postern.operator.FirstOperator;
import dev.postern.operator.KeyHolderSessions;
import dev.postern.operator.Operators;
import dev.postern.operator.Sessions;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The operators, and the log of what they change. */
@Configuration(proxyBeanMethods = false)
class OperatorConfiguration {
    @Bean
    Operators operators(RedisStore redis, SecretKeys secrets, Clock clock) {
        return new Operators(redis.management(), secrets, clock);
    }

    @Bean
    Sessions sessions(RedisStore redis, SecretKeys secrets, Clock clock, PosternProperties properties) {
        return new Sessions(redis.management(), secrets, clock, properties.console().sessionIdle(),
                properties.console().sessionLife());
    }

    @Bean
    KeyHolderSessions keyHolderSessions(RedisStore redis, SecretKeys secrets, Clock clock,
            PosternProperties properties) {
        return new KeyHolderSessions(redis.management(), secrets, clock, properties.console().sessionIdle(),
                properties.console().sessionLife());
    }

    @Bean
    FirstOperator firstOperator(RedisStore redis, SecretKeys secrets, Operators operators) {
        return new FirstOperator(redis.management(), secrets, operators);
    }

    @Bean
    SetupLink setupLink(FirstOperator first, ConsoleSettings settings, Environment environment) {
        return new SetupLink(first, settings, environment);
    }

    @Bean
    ConsoleSettings consoleSettings(PosternProperties properties) {
        return properties.console();
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
