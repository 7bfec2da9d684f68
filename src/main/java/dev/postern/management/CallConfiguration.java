package dev.postern.management;

import dev.postern.store.Gates;
import dev.postern.store.RedisStore;
import dev.postern.store.Replication;
import dev.postern.store.SecretKeys;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** What all calls have in common: receipts, times, repetitions, and the document that describes them. */
@Configuration(proxyBeanMethods = false)
class CallConfiguration {
    @Bean
    ReceiptFilter receipts(Gates gates, Replication replication) {
        return new ReceiptFilter(gates, replication);
    }

    @Bean
    CallTimes callTimes(MeterRegistry registry) {
        return new CallTimes(registry);
    }

    @Bean
    Idempotency idempotency(RedisStore redis, SecretKeys secrets, Clock clock) {
        return new Idempotency(new RememberedCalls(redis.management(), secrets, clock));
    }

    @Bean
    DocumentEndpoint documentEndpoint(ObjectProvider<RouterFunction<?>> routers) {
        return new DocumentEndpoint(routers);
    }

    @Bean
    RouterFunction<ServerResponse> documentRoutes(DocumentEndpoint endpoint) {
        return endpoint.routes();
    }
}
