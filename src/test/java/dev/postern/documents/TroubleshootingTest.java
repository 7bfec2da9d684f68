package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The messages that the page on troubleshooting quotes are those that the gate writes. */
class TroubleshootingTest {
    /** Messages of Spring Boot. */
    private static final List<String> OTHERS = List.of("was already in use");
    private static final Pattern MESSAGE = Pattern.compile("`([^`]* [^`]*)`");
    private static final Pattern PLACEHOLDER = Pattern.compile("<[^>]*>|(postern\\.)?…|\\(…\\)| \\d+ .*");
    private static final Pattern CONCATENATION = Pattern.compile("\"\\s*\\+\\s*\"");
    /** Shorter parts between two placeholders say nothing. */
    private static final int WORTH_LOOKING_FOR = 8;

    @Test
    void quotesMessagesOfTheGate() throws IOException {
        String sources = sources();
        List<String> parts = Files.readAllLines(Path.of("docs/how-to/troubleshooting.md")).stream()
                .filter(line -> line.startsWith("| `")).map(line -> line.split("\\|", -1)[1])
                .flatMap(cell -> MESSAGE.matcher(cell).results().map(message -> message.group(1)))
                .flatMap(message -> Arrays.stream(PLACEHOLDER.split(message))).map(String::strip)
                .filter(part -> part.length() >= WORTH_LOOKING_FOR && !OTHERS.contains(part)).toList();

        assertThat(parts).hasSizeGreaterThan(15);
        assertThat(parts).allSatisfy(part -> assertThat(sources.contains(part)).as(part).isTrue());
    }

    private static String sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            return files.filter(Files::isRegularFile).map(TroubleshootingTest::joined)
                    .collect(Collectors.joining("\n"));
        }
    }

    private static String joined(Path file) {
        try {
            return CONCATENATION.matcher(Files.readString(file)).replaceAll("");
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }
}
