package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.support.LongTest;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.ScriptRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code loadtest/compare} works: all contestants start, do the same, and are in its report. Its figures mean nothing.
 */
@LongTest
@NeedsTheMachine
class ComparisonTest {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    @TempDir
    Path folder = Path.of("");

    private static String run(String... command) throws Exception {
        // The gate of this build, which is not packaged yet.
        ScriptRun run = ScriptRun.of(Map.of("GATE_CLASSPATH", System.getProperty("java.class.path")), LIMIT,
                List.of(command));
        assertThat(run.status()).as(run.text()).isZero();
        return run.text();
    }

    @Test
    void measuresAllContestantsAndWritesAReport() throws Exception {
        String missing = run("loadtest/missing-tools").strip();
        assumeTrue("true".equals(System.getenv("CI")) || missing.isEmpty(),
                () -> "skipped, as this machine lacks the packages " + missing.replace('\n', ' '));
        assertThat(missing).as("packages that are missing").isEmpty();
        Path report = folder.resolve("report");

        // Without the scenarios that have many connections: there, a turn of a JVM that is still cold would be void.
        String text = run("loadtest/compare", "--smoke", "--scenarios",
                "get,points,refusals,flood,upload,tls,connect,many,denials", "--rate", "200", "--out",
                report.toString());

        assertThat(section(text, "get")).contains("backend itself", "nginx, no check", "nginx + Lua, rules in memory",
                "nginx + Lua, asks Redis", "HAProxy, map of keys", "HAProxy, JWT RS256",
                "Spring Cloud Gateway, no check", "Spring Cloud Gateway + Security, RS256", "Vert.x proxy, no check",
                "Postern express, API key", "Postern express, static token", "Postern express, JWT RS256",
                "Postern express, RSA token", "Postern chain, API key", "Postern chain, JWT RS256");
        for (String scenario : List.of("points", "refusals", "flood", "upload", "tls", "connect", "many", "denials")) {
            assertThat(section(text, scenario)).contains("Postern express, API key", "nginx + Lua, rules in memory");
        }
        assertThat(section(text, "latency")).contains("Postern express, API key");
        assertThat(text).doesNotContain("## Void");
        assertThat(Files.readString(report.resolve("index.html"))).contains("<svg", "Postern express, API key")
                .doesNotContain("src=", "href=");
        assertThat(Files.readString(report.resolve("get.svg"))).startsWith("<svg");
    }

    private static String section(String text, String title) {
        return Arrays.stream(text.split("\n## ", -1)).filter(part -> part.startsWith(title + "\n")).findFirst()
                .orElseThrow(() -> new AssertionError("no section " + title + " in:\n" + text));
    }
}
