package dev.postern.demo;

import dev.postern.store.RedisConfigured;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether the demo is on: as {@code postern.demo} says, and if it says nothing, with the embedded Redis only. */
final class DemoWanted {
    private DemoWanted() {}

    private static boolean in(Environment environment) {
        Boolean wanted = environment.getProperty("postern.demo", Boolean.class);
        return wanted == null ? !RedisConfigured.in(environment) : wanted;
    }

    /** Matches when the demo is on. */
    static final class Yes implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return in(context.getEnvironment());
        }
    }

    /** Matches when the demo is off. */
    static final class No implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !in(context.getEnvironment());
        }
    }

    /** Matches when the demo is on and no backend is configured for it to stand in front of. */
    static final class WithoutBackend implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return in(context.getEnvironment())
                    && context.getEnvironment().getProperty("postern.backend", "").isBlank();
        }
    }
}
