package dev.postern.management;

import dev.postern.credential.TokenSettings;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.Applications;
import dev.postern.issuance.BlockedSubjects;
import dev.postern.issuance.JwtTokens;
import dev.postern.issuance.ManagedApiKeys;
import dev.postern.issuance.RsaTokens;
import dev.postern.issuance.StaticTokens;
import dev.postern.issuance.Terminals;
import dev.postern.issuance.TokenNameLookup;
import dev.postern.usage.CredentialUsage;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Routes for credentials of each kind. */
@Configuration(proxyBeanMethods = false)
class CredentialRoutesConfiguration {
    @Bean
    RotationCalls rotationCalls(TokenSettings settings, CredentialUsage usage, Clock clock) {
        return new RotationCalls(settings, usage, clock);
    }

    @Bean
    RouterFunction<ServerResponse> apiKeysRoutes(Accounts accounts, ManagedApiKeys keys, CredentialUsage usage,
            RotationCalls rotation, Clock clock) {
        return new CredentialEndpoint<>(accounts, new ApiKeysKind(keys, rotation), usage, rotation, clock).routes();
    }

    @Bean
    RouterFunction<ServerResponse> staticTokensRoutes(Accounts accounts, StaticTokens tokens, References references,
            CredentialUsage usage, RotationCalls rotation,
            Clock clock) {
        return new CredentialEndpoint<>(accounts, new StaticTokensKind(tokens, references, rotation), usage, rotation,
                clock).routes();
    }

    @Bean
    RouterFunction<ServerResponse> applicationsRoutes(Accounts accounts, Applications applications,
            References references, CredentialUsage usage, RotationCalls rotation,
            Clock clock) {
        return new CredentialEndpoint<>(accounts, new ApplicationsKind(applications, references, rotation), usage,
                rotation, clock)
                .routes();
    }

    @Bean
    RouterFunction<ServerResponse> tokenNamesRoutes(Accounts accounts, TokenNameLookup names) {
        return new TokenNamesEndpoint(accounts, names).routes();
    }

    @Bean
    RouterFunction<ServerResponse> authcodesRoutes(Accounts accounts, Terminals terminals) {
        return new AuthcodesEndpoint(accounts, terminals).routes();
    }

    @Bean
    RouterFunction<ServerResponse> rsaTokensRoutes(Accounts accounts, RsaTokens tokens, References references,
            CredentialUsage usage, RotationCalls rotation,
            Clock clock) {
        return new CredentialEndpoint<>(accounts, new RsaTokensKind(tokens, references, clock), usage, rotation, clock)
                .routes();
    }

    @Bean
    RouterFunction<ServerResponse> jwtTokensRoutes(Accounts accounts, JwtTokens tokens, References references,
            CredentialUsage usage, RotationCalls rotation,
            Clock clock) {
        return new CredentialEndpoint<>(accounts, new JwtTokensKind(tokens, references, rotation), usage, rotation,
                clock).routes();
    }

    @Bean
    RouterFunction<ServerResponse> blockedSubjectsRoutes(Accounts accounts, BlockedSubjects subjects) {
        return new BlockedSubjectsEndpoint(accounts, subjects).routes();
    }
}
