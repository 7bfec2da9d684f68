package dev.postern.store;

import java.util.Map;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Tells whether the operator has configured a Redis. If not, an embedded one is started. */
public final class RedisConfigured {
    private RedisConfigured() {}

    /** Whether any {@code spring.data.redis.*} setting is given, from any source. */
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
