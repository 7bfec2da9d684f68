package dev.postern.store;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/** Starts an embedded Redis if no {@code spring.data.redis.*} setting is given. */
@Configuration(proxyBeanMethods = false)
@Conditional(RedisConfigured.No.class)
class EmbeddedRedisConfiguration {
    @Bean
    EmbeddedRedis embeddedRedis(DataDirectory data) {
        return EmbeddedRedis.start(data.resolve("redis"));
    }

    @Bean
    DataRedisConnectionDetails embeddedRedisDetails(EmbeddedRedis redis) {
        return new DataRedisConnectionDetails() {
            @Override
            public Standalone getStandalone() {
                return Standalone.of("127.0.0.1", redis.port());
            }

            @Override
            public @Nullable String getPassword() {
                return redis.password();
            }
        };
    }
}
