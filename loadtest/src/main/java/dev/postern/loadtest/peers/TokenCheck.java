package dev.postern.loadtest.peers;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.authorization.AuthorizationContext;

/** Spring Security as a resource server: the JWT must be for the device that is called. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("checked")
class TokenCheck {
    @Bean
    SecurityWebFilterChain tokens(ServerHttpSecurity http) {
        return http.csrf(ServerHttpSecurity.CsrfSpec::disable)
                .authorizeExchange(calls -> calls.anyExchange().access((caller, call) -> caller
                        .map(known -> new AuthorizationDecision(known instanceof JwtAuthenticationToken token
                                && device(call).equals(token.getToken().getClaimAsString("device"))))))
                .oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults())).build();
    }

    private static String device(AuthorizationContext call) {
        String[] segments = call.getExchange().getRequest().getPath().value().split("/", -1);
        return segments.length > 2 ? segments[2] : "";
    }
}
