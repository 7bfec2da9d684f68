package dev.postern.store;

import java.util.Map;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether the operator says anything about a Redis. If not, one is embedded. */
public final class RedisConfigured {
    private RedisConfigured() {}

    /** Whether any setting {@code spring.data.redis.*} is given, in whatever way. */
    public static boolean in(Environment environment) {
        return Binder.get(environment).bind("spring.data.redis", Bindable.mapOf(String.class, Object.class))
                .map(Map::isEmpty).map(empty -> !empty).orElse(false);
    }

    /** Matches when no Redis is configured. */
    static final class No implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !in(context.getEnvironment());
        }
    }
}
