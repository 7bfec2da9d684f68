package dev.postern.reload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.boot.bootstrap.DefaultBootstrapContext;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.io.FileSystemResource;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Reads the settings again, from the same places as at the start, without changing those in use. */
public final class SettingsFiles {
    /** How often files that change while they are read are read again. */
    private static final int ATTEMPTS = 3;

    private final StartingSources.Found starting;
    /** The files of the settings in use. */
    private volatile Set<Path> files;

    SettingsFiles(StartingSources.Found starting, ConfigurableEnvironment inUse) {
        this.starting = starting;
        this.files = filesOf(inUse);
    }

    /** All settings, and the state of the files that they were read from. */
    record Read(ConfigurableEnvironment settings, FileState state) {}

    /** The settings cannot be read. */
    static final class UnreadableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Mistake mistake;

        UnreadableException(Mistake mistake) {
            super(mistake.toString(), null, false, false);
            this.mistake = mistake;
        }

        Mistake mistake() {
            return mistake;
        }
    }

    /**
     * Reads all settings.
     *
     * @throws UnreadableException if that is impossible, or a file is missing of which the settings in use were read
     */
    Read read() {
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            FileState before = state();
            ConfigurableEnvironment fresh = readOnce();
            if (before.equals(state())) {
                return new Read(fresh, before);
            }
        }
        throw new UnreadableException(new Mistake(Optional.empty(), "the files changed while they were read"));
    }

    private ConfigurableEnvironment readOnce() {
        for (Path file : files) {
            // Spring Boot would go on without it, and the gate without the APIs in it.
            if (!Files.isRegularFile(file)) {
                throw new UnreadableException(new Mistake(Optional.empty(), file
                        + ": the file was there at the start or the last reload, and is missing; to do without it,"
                        + " restart the gate"));
            }
        }
        ConfigurableEnvironment fresh = new StandardEnvironment();
        MutablePropertySources sources = fresh.getPropertySources();
        sources.stream().map(PropertySource::getName).toList().forEach(sources::remove);
        starting.sources().forEach(sources::addLast);
        try {
            ConfigDataEnvironmentPostProcessor.applyTo(fresh, new DefaultResourceLoader(),
                    new DefaultBootstrapContext());
        } catch (MarkedYAMLException wrong) {
            throw new UnreadableException(new Mistake(
                    place(wrong), "the file is not valid YAML: " + wrong.getProblem()));
        } catch (RuntimeException wrong) {
            throw new UnreadableException(Mistake.of(wrong, fresh));
        }
        Set<Path> present = filesOf(fresh);
        for (Path file : files) {
            if (!present.contains(file)) {
                throw new UnreadableException(new Mistake(Optional.empty(),
                        file + ": the file has no setting any more; to do without it, restart the gate"));
            }
        }
        return fresh;
    }

    /** Spring Boot does not say which file it was. */
    private Optional<Place> place(MarkedYAMLException wrong) {
        int line = wrong.getProblemMark() == null ? 1 : wrong.getProblemMark().getLine() + 1;
        return state().files().stream().filter(file -> file.toString().matches(".*\\.ya?ml")).filter(file -> {
            try {
                var _ = new YamlPropertySourceLoader().load("tried", new FileSystemResource(file));
                return false;
            } catch (RuntimeException | IOException unreadable) {
                return true;
            }
        }).map(file -> new Place(file, line)).findFirst();
    }

    /** Makes these settings the ones in use. */
    void inUse(ConfigurableEnvironment read) {
        files = filesOf(read);
    }

    /** The state of all files from which settings are, or would be, read. */
    FileState state() {
        return FileState.of(files);
    }

    private static Set<Path> filesOf(ConfigurableEnvironment settings) {
        Set<Path> found = new TreeSet<>();
        settings.getPropertySources().stream().flatMap(SettingsFiles::filesOf).forEach(found::add);
        return found;
    }

    private static Stream<Path> filesOf(PropertySource<?> source) {
        return source instanceof EnumerablePropertySource<?> names && source instanceof OriginLookup<?>
                ? Arrays.stream(names.getPropertyNames())
                        .flatMap(name -> Place.of(OriginLookup.getOrigin(source, name)).stream()).map(Place::file)
                : Stream.empty();
    }
}
