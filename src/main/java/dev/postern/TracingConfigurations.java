package dev.postern;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Leaves out Spring Boot's configurations of tracing unless there is an endpoint for the spans. Otherwise each gate
 * would start OpenTelemetry, for spans that go nowhere. Named in {@code META-INF/spring.factories}.
 */
final class TracingConfigurations implements AutoConfigurationImportFilter, EnvironmentAware {
    private static final String ENDPOINT = "management.opentelemetry.tracing.export.otlp.endpoint";
    private static final String ENABLED = "management.tracing.export.enabled";

    private @Nullable Environment environment;

    @Override
    public void setEnvironment(Environment present) {
        environment = present;
    }

    @Override
    public boolean[] match(@Nullable String[] names, AutoConfigurationMetadata metadata) {
        boolean wanted = isWanted(Objects.requireNonNull(environment));
        boolean[] matches = new boolean[names.length];
        for (int i = 0; i < names.length; i++) {
            matches[i] = wanted || !isOfTracing(names[i]);
        }
        return matches;
    }

    private static boolean isWanted(Environment environment) {
        return !environment.getProperty(ENDPOINT, "").isBlank()
                && environment.getProperty(ENABLED, Boolean.class, true);
    }

    private static boolean isOfTracing(@Nullable String name) {
        return name != null && (name.startsWith("org.springframework.boot.micrometer.tracing.")
                || name.startsWith("org.springframework.boot.opentelemetry."));
    }
}
