package dev.postern.store;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Says in {@code /actuator/health} whether Redis is connected. */
final class StoreHealth implements HealthIndicator {
    private final RedisStore redis;

    StoreHealth(RedisStore redis) {
        this.redis = redis;
    }

    @Override
    public Health health() {
        return redis.isConnected() ? Health.up().build() : Health.down().withDetail("trouble", redis.trouble()).build();
    }
}
