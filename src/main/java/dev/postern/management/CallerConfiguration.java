package dev.postern.management;

import dev.postern.audit.AuditLog;
import dev.postern.credential.CredentialRecords;
import dev.postern.operator.AttemptLimit;
import dev.postern.operator.KeyHolderSessions;
import dev.postern.operator.Operators;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Who may make a call, and the record of what they change. */
@Configuration(proxyBeanMethods = false)
class CallerConfiguration {
    @Bean
    Callers callers(OperatorToken operatorToken, Operators operators, RedisStore redis,
            SecretKeys secrets, AttemptLimit attempts) {
        return new Callers(operatorToken, operators,
                new CredentialRecords(redis.management(), secrets), attempts);
    }

    @Bean
    CallerFilter callerFilter(Callers callers) {
        return new CallerFilter(callers);
    }

    @Bean
    SignIn signIn(Callers callers) {
        return new SignIn(callers);
    }

    @Bean
    KeyHolderSignIn keyHolderSignIn(RedisStore redis, SecretKeys secrets, KeyHolderSessions sessions, Clock clock) {
        return new KeyHolderSignIn(new CredentialRecords(redis.management(), secrets), sessions, clock);
    }

    @Bean
    InternalCalls internalCalls(ObjectProvider<HttpHandler> api) {
        return new InternalCalls(api);
    }

    @Bean
    AuditFilter auditFilter(AuditLog audit, InternalCalls internal) {
        return new AuditFilter(audit, internal);
    }

    @Bean
    RouterFunction<ServerResponse> operatorsRoutes(Operators operators) {
        return new OperatorsEndpoint(operators).routes();
    }

    @Bean
    RouterFunction<ServerResponse> auditRoutes(AuditLog audit) {
        return new AuditEndpoint(audit).routes();
    }
}
