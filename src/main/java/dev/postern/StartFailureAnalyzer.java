package dev.postern;

import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Shows a mistake in the configuration as one sentence instead of a stack trace: a setting that does not exist, or a
 * mistake that the gate's own code found.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartFailureAnalyzer implements FailureAnalyzer {
    private static final int DEEPEST = 50;
    private static final String ACTION = "See docs/reference/settings.md for all settings.";

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            if (cause instanceof UnboundConfigurationPropertiesException unknown) {
                // Names only: a misspelt setting may hold a secret.
                return new FailureAnalysis("There is no such setting: " + unknown.getUnboundProperties().stream()
                        .map(property -> property.getName().toString()).sorted().collect(Collectors.joining(", ")),
                        ACTION,
                        failure);
            }
            if (isOurs(cause)) {
                return new FailureAnalysis(String.valueOf(cause.getMessage()), ACTION, failure);
            }
            cause = cause.getCause();
        }
        return null;
    }

    private static boolean isOurs(Throwable cause) {
        StackTraceElement[] stack = cause.getStackTrace();
        return stack.length > 0 && stack[0].getClassName().startsWith("dev.postern.") && cause.getMessage() != null;
    }
}
