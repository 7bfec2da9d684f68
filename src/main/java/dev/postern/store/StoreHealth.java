package dev.postern.store;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Reports in {@code /actuator/health} whether Redis is connected. */
final class StoreHealth implements HealthIndicator {
    private final RedisStore redis;

    StoreHealth(RedisStore redis) {
        this.redis = redis;
    }

    @Override
    public Health health() {
        ChangeView view = redis.changes().view();
        Health.Builder health = redis.isConnected()
                ? Health.up()
                : Health.down().withDetail("trouble", redis.trouble());
        return health.withDetail("management_connected", redis.management().isConnected())
                .withDetail("state", view.state().word())
                .withDetail("staleness_bound_seconds", view.staleness().toMillis() / 1000.0).build();
    }
}
