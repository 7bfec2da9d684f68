package dev.postern.documents;

import static dev.postern.support.SharedGate.GATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.LongTest;
import dev.postern.support.ScriptRun;
import dev.postern.support.UsesSharedGate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code loadtest/scenario/run} calls a gate and writes a report. */
@LongTest
@UsesSharedGate
class ScenarioTest {
    private static final Pattern REPORT = Pattern.compile("open the following file: file://(\\S+)");
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private static ScriptRun run(Map<String, String> environment) throws Exception {
        return ScriptRun.of(environment, LIMIT, List.of("loadtest/scenario/run"));
    }

    private static Map<String, String> settings(String permitted) {
        String key = GATE.newCustomer().newKey("[{\"access_methods\":[" + permitted
                + "],\"resources\":[{\"dev_id\":\"lamp\"}]}]");
        return Map.of("GATE", "http://127.0.0.1:" + GATE.port(), "API_KEY", key, "RATE", "20", "SECONDS", "2",
                "INVALID", "20");
    }

    @Test
    void callsAGateAndWritesAReport() throws Exception {
        ScriptRun outcome = run(settings("\"get\",\"post\""));

        assertThat(outcome.status()).as(outcome.text()).isZero();
        Matcher report = REPORT.matcher(outcome.text());
        assertThat(report.find()).as(outcome.text()).isTrue();
        assertThat(Files.readString(Path.of(report.group(1)))).contains("read a device", "write data points",
                "present an invalid key");
    }

    @Test
    void failsIfCallsAreRefused() throws Exception {
        ScriptRun outcome = run(settings("\"post\""));

        assertThat(outcome.status()).as(outcome.text()).isNotZero();
        assertThat(outcome.text()).contains("found 403");
    }

    @Test
    void asksForWhatIsMissing() throws Exception {
        ScriptRun outcome = run(Map.of("GATE", "http://127.0.0.1:1", "API_KEY", ""));

        assertThat(outcome)
                .isEqualTo(new ScriptRun(2, "Set API_KEY, for example: GATE=https://gate.example.com API_KEY=…"
                        + " DEVICE=lamp loadtest/scenario/run\n"));
    }
}
