package dev.postern.helm;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** A copy of the chart, and what Helm makes of it. Nothing here needs a cluster. */
final class Chart {
    static final Path FOLDER = Path.of("helm/postern");
    /** A name that YAML takes for a number, unless it is quoted. */
    static final String NAMESPACE = "2026";
    private static final String KUBERNETES = "1.34.0";

    /** Rendering leaves the objects of hooks out, so copies have them as ordinary objects, under this annotation. */
    static final String HOOK = "example.com/hook";

    private static final Chart OF_THE_PROJECT = copyTo(newFolder());

    private final Path folder;

    private Chart(Path folder) {
        this.folder = folder;
    }

    static Chart ofTheProject() {
        return OF_THE_PROJECT;
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target/helm")), "chart-");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A copy in which files can be changed. */
    static Chart copyTo(Path folder) {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            for (Path file : files.toList()) {
                Path target = folder.resolve("postern").resolve(FOLDER.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
            Path test = folder.resolve("postern/templates/tests/readiness.yaml");
            Files.writeString(test, Files.readString(test).replace("helm.sh/hook:", HOOK + ":"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return new Chart(folder.resolve("postern"));
    }

    Path folder() {
        return folder;
    }

    Rendered render(String values) {
        return render("demo", values);
    }

    /**
     * Renders all objects.
     *
     * @throws IllegalStateException if Helm refuses; the message says why
     */
    Rendered render(String release, String values) {
        return render(release, values, Map.of());
    }

    /** Renders with values that are set as {@code --set} sets them. */
    Rendered render(String release, String values, Map<String, String> set) {
        return withFile(values, file -> {
            TemplateCommand template = new Helm(folder).template().withName(release).withNamespace(NAMESPACE)
                    .withKubeVersion(KUBERNETES).withValuesFile(file);
            set.forEach(template::set);
            return new Rendered(Yamls.all(template.call()));
        });
    }

    /** What Helm prints after an installation. */
    String notes(String values) {
        return withFile(values, file -> new Helm(folder).install().clientOnly().dryRun().withName("demo")
                .withNamespace(NAMESPACE).withKubeVersion(KUBERNETES).withValuesFile(file).call().getOutput());
    }

    private static <T> T withFile(String values, Function<Path, T> use) {
        try {
            Path file = Files.createTempFile(Files.createDirectories(Path.of("target/helm")), "values", ".yaml");
            try {
                return use.apply(Files.writeString(file, values));
            } finally {
                Files.delete(file);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** What Helm says when it refuses these values. */
    String refusal(String values) {
        try {
            render(values);
        } catch (IllegalStateException refused) {
            return String.valueOf(refused.getMessage());
        }
        throw new AssertionError("accepted:\n" + values);
    }

    /**
     * Lints this copy strictly. Helm lints with the values of the chart, so these are put there; a chart that fails on
     * purpose would write to the standard error of the process.
     */
    List<String> lint(String values) {
        Path file = folder.resolve("values.yaml");
        try {
            Files.writeString(file, Yamls.write(merged(Yamls.map(Files.readString(FOLDER.resolve("values.yaml"))),
                    Yamls.map(values))));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        LintResult result = new Helm(folder).lint().strict().call();
        return result.isFailed() ? List.copyOf(result.getMessages()) : List.of();
    }

    /** Maps are merged, as Helm merges several files of values; null removes. */
    static Map<String, Object> merged(Map<String, Object> base, Map<String, Object> over) {
        Map<String, Object> merged = new LinkedHashMap<>(base);
        over.forEach((key, value) -> {
            if (value == null) {
                merged.remove(key);
            } else if (merged.get(key) instanceof Map<?, ?> below && value instanceof Map<?, ?> above) {
                merged.put(key, merged(Yamls.texts(below), Yamls.texts(above)));
            } else {
                merged.put(key, value);
            }
        });
        return merged;
    }
}
