package dev.postern;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/** Which settings a reload puts in use. All others need a restart. */
final class ReloadableSettings {
    /** These have names of their own in a report. */
    private static final List<ConfigurationPropertyName> NAMED = List.of(ConfigurationPropertyName.of("postern.apis"),
            ConfigurationPropertyName.of("postern.backends"));
    /** The setting itself, or all below it. {@code RoutingTables.Inputs} has their values. */
    private static final List<ConfigurationPropertyName> OTHERS = Stream.of("postern.backend",
            "postern.forwarding.connect-timeout", "postern.forwarding.response-timeout",
            "postern.forwarding.max-connections", "postern.forwarding.max-pending",
            "postern.forwarding.pending-timeout", "postern.forwarding.account-share",
            "postern.forwarding.credential-share", "postern.forwarding.max-streams",
            "postern.forwarding.connection-max-idle").map(ConfigurationPropertyName::of).toList();

    private ReloadableSettings() {}

    static boolean include(String setting) {
        return isIn(NAMED, setting) || isIn(OTHERS, setting);
    }

    static boolean includeBesideNamed(String setting) {
        return isIn(OTHERS, setting);
    }

    private static boolean isIn(List<ConfigurationPropertyName> names, String setting) {
        ConfigurationPropertyName name = ConfigurationPropertyName.adapt(setting, '.');
        return names.stream().anyMatch(known -> known.equals(name) || known.isAncestorOf(name));
    }

    /** The names of the settings in files that have different values. A setting that an argument overrides has not. */
    static SortedSet<String> changed(ConfigurableEnvironment before, ConfigurableEnvironment after) {
        SortedSet<String> names = new TreeSet<>();
        addNames(before, names);
        addNames(after, names);
        names.removeIf(name -> Objects.equals(value(before, name), value(after, name)));
        return names;
    }

    private static void addNames(ConfigurableEnvironment settings, SortedSet<String> names) {
        for (PropertySource<?> source : settings.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> enumerable && source instanceof OriginLookup<?>) {
                names.addAll(Arrays.asList(enumerable.getPropertyNames()));
            }
        }
    }

    /** As it is written, because a placeholder for a random value differs each time. */
    private static @Nullable String value(ConfigurableEnvironment settings, String name) {
        return settings.getPropertySources().stream()
                .filter(source -> !ConfigurationPropertySources.isAttachedConfigurationPropertySource(source))
                .map(source -> source.getProperty(name))
                .filter(Objects::nonNull).findFirst().map(String::valueOf).orElse(null);
    }
}
