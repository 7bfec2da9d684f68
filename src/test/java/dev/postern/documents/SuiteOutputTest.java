package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.AfterTheSuite;
import dev.postern.support.SuiteOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nothing that any test or gate has printed contains a secret that a test has sent or received. */
@AfterTheSuite
class SuiteOutputTest {
    /** No secret is shorter. */
    private static final int BEGINNING = 16;

    @Test
    void containsNoSecret() {
        Map<String, List<String>> secrets = files(SuiteOutput.FOLDER, "secrets-").stream()
                .flatMap(file -> read(file).lines()).distinct()
                .collect(Collectors.groupingBy(secret -> secret.substring(0, BEGINNING)));
        List<Path> output = new ArrayList<>(files(SuiteOutput.FOLDER, "gates-"));
        output.addAll(files(Path.of("target", "surefire-reports"), "dev.postern."));
        output.removeIf(file -> file.toString().endsWith(".xml"));

        assertThat(secrets).as("secrets of the tests").isNotEmpty();
        assertThat(output).as("files with output").isNotEmpty();
        TreeSet<String> found = new TreeSet<>();
        for (Path file : output) {
            String text = read(file);
            for (int i = 0; i + BEGINNING <= text.length(); i++) {
                int at = i;
                if (secrets.getOrDefault(text.substring(i, i + BEGINNING), List.of()).stream()
                        .anyMatch(secret -> text.startsWith(secret, at))) {
                    found.add(file.getFileName() + ": " + text.substring(text.lastIndexOf('\n', i) + 1, i)
                            + text.substring(i, i + 4) + "…");
                }
            }
        }
        assertThat(found).as("output with a secret").isEmpty();
    }

    private static List<Path> files(Path folder, String beginning) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(beginning)).toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
