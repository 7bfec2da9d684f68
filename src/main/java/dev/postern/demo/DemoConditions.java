package dev.postern.demo;

import dev.postern.store.RedisConfigured;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Whether the demo is on. This is the value of {@code postern.demo}; if it is not set, the demo is on when neither a
 * Redis nor a backend is configured, because the sample account must not have access to a real backend.
 */
final class DemoConditions {
    private DemoConditions() {}

    private static boolean in(Environment environment) {
        Boolean wanted = environment.getProperty("postern.demo", Boolean.class);
        return wanted == null ? !RedisConfigured.in(environment) && !hasBackend(environment) : wanted;
    }

    private static boolean hasBackend(Environment environment) {
        return !environment.getProperty("postern.backend", "").isBlank();
    }

    /** Matches when the demo is on. */
    static final class Enabled implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return in(context.getEnvironment());
        }
    }

    /** Matches when the demo is off. */
    static final class Disabled implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !in(context.getEnvironment());
        }
    }

    /** Matches when the demo is on and no backend is configured. */
    static final class WithoutBackend implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return in(context.getEnvironment()) && !hasBackend(context.getEnvironment());
        }
    }
}
