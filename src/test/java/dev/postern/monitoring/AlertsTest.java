package dev.postern.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The rules and alerts in {@code config/prometheus}: valid, tested one by one, and explained in the runbook. */
class AlertsTest {
    private static final Path ALERTS = Prometheus.CONFIG.resolve("rules/alerts.yml");
    private static final Path TESTS = Path.of("src/test/prometheus/alerts_test.yml");
    private static final Path RUNBOOK = Path.of("docs/how-to/alerts.md");
    private static final Pattern ALERT = Pattern.compile("(?m)^ +- alert: (\\w+)$");

    private static List<String> alerts() throws IOException {
        return ALERT.matcher(Files.readString(ALERTS)).results().map(result -> result.group(1)).toList();
    }

    @Test
    void areValid() throws IOException, InterruptedException {
        Prometheus.promtool("check", "config", Prometheus.CONFIG.resolve("prometheus.yml").toString());
    }

    @Test
    void fireWhenTheyShould() throws IOException, InterruptedException {
        Prometheus.promtool("test", "rules", TESTS.toString());
    }

    @Test
    void areCountedInTheDocuments() throws IOException {
        assertThat(Files.readString(Path.of("docs/how-to/observe.md"))).contains("has " + alerts().size() + " alerts")
                .contains("promtool check config " + Prometheus.CONFIG.resolve("prometheus.yml"));
    }

    @Test
    void areEachTestedToFire() throws IOException {
        String tests = Files.readString(TESTS);
        for (String alert : alerts()) {
            assertThat(tests).containsPattern("alertname: " + alert + "\\n +exp_alerts:\\n +- exp_labels")
                    .containsPattern("alertname: " + alert + "\\n +exp_alerts: \\[]");
        }
    }

    @Test
    void areEachExplainedInTheRunbook() throws IOException {
        String alerts = Files.readString(ALERTS);
        List<String> sections = Pattern.compile("(?m)^### (\\w+)$").matcher(Files.readString(RUNBOOK)).results()
                .map(result -> result.group(1)).toList();

        assertThat(sections).containsExactlyElementsOf(alerts());
        assertThat(Pattern.compile("runbook: (\\S+)").matcher(alerts).results().map((MatchResult r) -> r.group(1)))
                .containsExactlyElementsOf(alerts().stream()
                        .map(alert -> RUNBOOK + "#" + alert.toLowerCase(Locale.ROOT)).toList());
    }
}
