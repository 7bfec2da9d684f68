package dev.postern.reload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.boot.context.config.ConfigDataException;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.PlaceholderResolutionException;

/**
 * What is wrong with the settings, without their values: a value may be a secret.
 *
 * @param place  where it is; empty if that is unknown
 * @param reason names the setting, and says why it is wrong
 */
public record Mistake(Optional<Place> place, String reason) {
    private static final int DEEPEST = 50;

    /** @param settings in which the place of a setting is looked up */
    public static Mistake of(Throwable failure, ConfigurableEnvironment settings) {
        Throwable cause = failure;
        BindException unbound = null;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            if (cause instanceof UnboundConfigurationPropertiesException unknown) {
                return unknown(unknown, settings);
            }
            if (isOurs(cause)) {
                String reason = String.valueOf(cause.getMessage());
                return new Mistake(Place.of(Place.settingIn(reason), settings), reason);
            }
            if (cause instanceof PlaceholderResolutionException unresolved) {
                return new Mistake(Optional.empty(),
                        "there is no setting or variable for the placeholder ${" + unresolved.getPlaceholder() + "}");
            }
            if (cause instanceof ConfigDataException || cause instanceof IOException
                    || cause instanceof UncheckedIOException) {
                return new Mistake(Optional.empty(), String.valueOf(cause.getMessage()));
            }
            if (cause instanceof BindException binding) {
                unbound = binding;
            }
            cause = cause.getCause();
        }
        return unbound == null
                ? new Mistake(Optional.empty(), "the settings cannot be read: " + root(failure).getClass().getName())
                : unreadable(unbound, settings);
    }

    private static Mistake unknown(UnboundConfigurationPropertiesException unknown,
            ConfigurableEnvironment settings) {
        return new Mistake(
                unknown.getUnboundProperties().stream()
                        .flatMap(property -> Place.of(property.getName().toString(), settings).stream()).sorted()
                        .findFirst(),
                "There is no such setting: " + unknown.getUnboundProperties().stream()
                        .map(property -> property.getName().toString()).sorted().collect(Collectors.joining(", ")));
    }

    private static Mistake unreadable(BindException binding, ConfigurableEnvironment settings) {
        ConfigurationProperty property = binding.getProperty();
        String name = (property == null ? binding.getName() : property.getName()).toString();
        Class<?> type = binding.getTarget().getType().resolve(Object.class);
        return new Mistake(Place.of(name, settings),
                name + ": the value is not a valid "
                        + type.getSimpleName());
    }

    private static boolean isOurs(Throwable cause) {
        StackTraceElement[] stack = cause.getStackTrace();
        return stack.length > 0 && stack[0].getClassName().startsWith("dev.postern.") && cause.getMessage() != null;
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; root.getCause() != null && depth < DEEPEST; depth++) {
            root = root.getCause();
        }
        return root;
    }

    @Override
    public String toString() {
        return place.map(where -> where + ": ").orElse("") + reason;
    }
}
