package dev.postern;

import dev.postern.credential.TokenSettings;
import dev.postern.jose.CryptoWorkers;
import dev.postern.oidc.OidcSignIn;
import dev.postern.operator.AttemptLimit;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import reactor.netty.http.client.HttpClient;

/** Sign-in of operators with an identity provider, if there is one. */
@Configuration(proxyBeanMethods = false)
@Conditional(OidcConfiguration.HasIssuer.class)
class OidcConfiguration {
    @Bean
    OidcSignIn oidcSignIn(PosternProperties properties, TokenSettings tokens,
            @Qualifier("verifiers") CryptoWorkers verifiers, SecretKeys secrets, AttemptLimit attempts, Clock clock) {
        return new OidcSignIn(properties.console().oidc(), HttpClient.newConnection(), tokens.clockSkew(), verifiers,
                secrets, attempts, clock);
    }

    /** An empty issuer counts as not set, like other empty settings. */
    static final class HasIssuer implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !context.getEnvironment().getProperty("postern.console.oidc.issuer-uri", "").isBlank();
        }
    }
}
