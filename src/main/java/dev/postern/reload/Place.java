package dev.postern.reload;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.Resource;

/**
 * A line of a settings file.
 *
 * @param line 1 for the first one
 */
public record Place(Path file, int line) implements Comparable<Place> {
    private static final Pattern SETTING = Pattern.compile("^(?:postern|spring|server|management)[^\\s:;,']*");
    private static final Comparator<Place> ORDER = Comparator.comparing(Place::file).thenComparingInt(Place::line);

    /** The setting with which a message begins; empty text if there is none. */
    static String settingIn(String message) {
        Matcher setting = SETTING.matcher(message);
        return setting.find() ? setting.group() : "";
    }

    /**
     * Finds a setting, or the first one below it; if there is none, the same for its parent: what is missing is
     * missing there.
     */
    static Optional<Place> of(String setting, ConfigurableEnvironment settings) {
        String name = setting;
        while (name.indexOf('.') > 0) {
            String wanted = name;
            Optional<Place> found = settings.getPropertySources().stream()
                    .flatMap(source -> first(wanted, source).stream()).findFirst();
            if (found.isPresent()) {
                return found;
            }
            name = name.substring(0, Math.max(name.lastIndexOf('.'), name.lastIndexOf('[')));
        }
        return Optional.empty();
    }

    private static Optional<Place> first(String setting, PropertySource<?> source) {
        if (!(source instanceof EnumerablePropertySource<?> names)) {
            return Optional.empty();
        }
        return Arrays.stream(names.getPropertyNames())
                .filter(name -> name.equals(setting) || name.startsWith(setting + ".")
                        || name.startsWith(setting + "["))
                .flatMap(name -> of(OriginLookup.getOrigin(source, name)).stream()).sorted().findFirst();
    }

    static Optional<Place> of(@Nullable Origin origin) {
        if (!(origin instanceof TextResourceOrigin text) || text.getResource() == null) {
            return Optional.empty();
        }
        return fileOf(text.getResource()).map(
                file -> new Place(file, text.getLocation() == null ? 1 : text.getLocation().getLine() + 1));
    }

    /** The file of a resource; empty if it is in a jar. */
    static Optional<Path> fileOf(Resource resource) {
        try {
            return resource.isFile() ? Optional.of(resource.getFile().toPath()) : Optional.empty();
        } catch (IOException notInTheFileSystem) {
            return Optional.empty();
        }
    }

    @Override
    public int compareTo(Place other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return file + ":" + line;
    }
}
