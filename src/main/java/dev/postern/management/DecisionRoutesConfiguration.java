package dev.postern.management;

import dev.postern.credential.CredentialRecords;
import dev.postern.decision.Explainer;
import dev.postern.decision.RecentDecisions;
import dev.postern.decision.WhatIf;
import dev.postern.issuance.ListedCredentials;
import dev.postern.store.GateIdentity;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Routes that explain decisions. */
@Configuration(proxyBeanMethods = false)
class DecisionRoutesConfiguration {
    @Bean
    ExplanationJson explanationJson(GateIdentity gate, RedisStore redis) {
        return new ExplanationJson(gate, redis.changes().view());
    }

    @Bean
    RouterFunction<ServerResponse> explainRoutes(Explainer explainer, RedisStore redis, ExplanationJson json) {
        return new ExplainEndpoint(explainer, new ListedCredentials(redis.management()), json).routes();
    }

    @Bean
    RouterFunction<ServerResponse> whatIfRoutes(WhatIf whatIf, RecentDecisions recent, RedisStore redis,
            SecretKeys secrets, References references, ExplanationJson json) {
        return new WhatIfEndpoint(whatIf, recent, new ListedCredentials(redis.management()),
                new CredentialRecords(redis.management(), secrets), references, json).routes();
    }
}
