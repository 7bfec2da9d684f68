package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/errors.md} says what the code says. */
class ProblemTest {
    @Test
    void isDocumentedAccurately() throws IOException {
        String document = Files.readString(Path.of("docs/reference/errors.md"));
        List<String> documented = document.substring(document.indexOf("## Management API")).lines()
                .filter(line -> line.startsWith("| `")).toList();

        assertThat(documented).containsExactlyElementsOf(Arrays.stream(Problem.values())
                .map(problem -> "| `" + problem.word() + "` | " + problem.status() + " | " + problem.title() + " |")
                .toList());
    }
}
