package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The ACL user in the README may run every command that the gate runs. */
class DocumentedRedisUserTest {
    private static final Pattern COMMAND = Pattern
            .compile("commands\\s*\\.(?:<[^>]*>)?([a-z]+)\\(|redis\\.call\\('([A-Z]+)'");

    @Test
    void mayRunEveryCommandThatTheGateRuns() throws IOException {
        Set<String> run = new TreeSet<>();
        for (Path folder : List.of(Path.of("src/main/java"), Path.of("src/main/resources"))) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Matcher command = COMMAND.matcher(Files.readString(file));
                    while (command.find()) {
                        run.add(command.group(1) == null
                                ? command.group(2).toLowerCase(Locale.ROOT)
                                : command.group(1));
                    }
                }
            }
        }
        // Only in a Cluster, for which the README names it.
        run.remove("info");

        assertThat(run).contains("get", "eval", "hincrby").isSubsetOf(documented());
    }

    private static Set<String> documented() throws IOException {
        String user = Files.readAllLines(Path.of("README.md")).stream().filter(line -> line.contains("user postern on"))
                .findFirst().orElseThrow();
        return Arrays.stream(user.split(" +", -1)).filter(word -> word.matches("\\+[a-z]+"))
                .map(word -> word.substring(1)).collect(Collectors.toSet());
    }
}
