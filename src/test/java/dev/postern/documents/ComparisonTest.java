package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.support.LongTest;
import dev.postern.support.NeedsTheMachine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code loadtest/compare} works: all contestants start, do the same, and are in its report. Its figures mean nothing. */
@LongTest
@NeedsTheMachine
class ComparisonTest {
    private static final int LIMIT_MINUTES = 10;

    @TempDir
    Path folder = Path.of("");

    private static String run(List<String> command, Path output) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        // The gate of this build, which is not packaged yet.
        builder.environment().put("GATE_CLASSPATH", System.getProperty("java.class.path"));
        Process process = builder.start();
        boolean ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
        if (!ended) {
            process.destroy();
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as("ended in time: %s", text).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }

    @Test
    void measuresAllContestantsAndWritesAReport() throws Exception {
        String missing = run(List.of("loadtest/missing-tools"), folder.resolve("missing")).strip();
        assumeTrue("true".equals(System.getenv("CI")) || missing.isEmpty(),
                () -> "skipped, as this machine lacks the packages " + missing.replace('\n', ' '));
        assertThat(missing).as("packages that are missing").isEmpty();
        Path report = folder.resolve("report");

        // Not those with many connections: a turn of a JVM that is still cold would be void.
        String text = run(List.of("loadtest/compare", "--smoke", "--scenarios",
                "get,points,refusals,flood,upload,tls,connect,many,denials", "--rate", "200", "--out",
                report.toString()), folder.resolve("output"));

        assertThat(section(text, "get")).contains("backend itself", "nginx, no check", "nginx + Lua, rules in memory",
                "nginx + Lua, asks Redis", "HAProxy, map of keys", "HAProxy, JWT RS256",
                "Spring Cloud Gateway, no check", "Spring Cloud Gateway + Security, RS256", "Vert.x proxy, no check",
                "Postern express, API key", "Postern express, static token", "Postern express, JWT RS256",
                "Postern express, RSA token", "Postern chain, API key", "Postern chain, JWT RS256");
        for (String scenario : List.of("points", "refusals", "flood", "upload", "tls", "connect", "many", "denials")) {
            assertThat(section(text, scenario)).contains("Postern express, API key", "nginx + Lua, rules in memory");
        }
        assertThat(section(text, "latency")).contains("Postern express, API key");
        assertThat(Files.readString(report.resolve("index.html"))).contains("<svg", "Postern express, API key")
                .doesNotContain("src=", "href=");
        assertThat(Files.readString(report.resolve("get.svg"))).startsWith("<svg");
    }

    private static String section(String text, String title) {
        return Arrays.stream(text.split("\n## ", -1)).filter(part -> part.startsWith(title + "\n")).findFirst()
                .orElseThrow(() -> new AssertionError("no section " + title + " in:\n" + text));
    }
}
