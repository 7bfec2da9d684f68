package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.RawHttp;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Prometheus sees, and does not see. */
@UsesSharedGate
class TelemetryTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final Pattern POSTERN_LABELS = Pattern.compile("(?m)^postern_[a-z_]+\\{(.*)} ");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"");

    @BeforeAll
    static void makeACall() {
        assertThat(GATE.call(GATE.newCustomer().masterKey(), "GET", "/devices").status()).isEqualTo(200);
    }

    @Test
    void countsDecisionsByApiOutcomeAndReason() {
        Customer customer = GATE.newCustomer();
        String key = customer
                .newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"metered-device\"}]}]");
        double allowed = sample("postern_decisions_total{api=\"logs\",outcome=\"allowed\",reason=\"none\"}");
        double denied = sample(
                "postern_decisions_total{api=\"logs\",outcome=\"denied\",reason=\"device_not_permitted\"}");
        double unknown = sample(
                "postern_decisions_total{api=\"none\",outcome=\"denied\",reason=\"operation_unknown\"}");
        double timed = sample("postern_decision_time_seconds_count{api=\"logs\"}");
        double answered = sample("postern_backend_time_seconds_count{api=\"logs\"}");

        assertThat(GATE.call(key, "GET", "/logs/metered-device?secret-parameter=1").status()).isEqualTo(200);
        assertThat(GATE.call(key, "GET", "/logs/another-metered-device").status()).isEqualTo(403);
        assertThat(GATE.call(key, "GET", "/a-raw-path/of-nobody").status()).isEqualTo(404);

        assertThat(sample("postern_decisions_total{api=\"logs\",outcome=\"allowed\",reason=\"none\"}"))
                .isEqualTo(allowed + 1);
        assertThat(sample("postern_decisions_total{api=\"logs\",outcome=\"denied\",reason=\"device_not_permitted\"}"))
                .isEqualTo(denied + 1);
        assertThat(sample("postern_decisions_total{api=\"none\",outcome=\"denied\",reason=\"operation_unknown\"}"))
                .isEqualTo(unknown + 1);
        assertThat(sample("postern_decision_time_seconds_count{api=\"logs\"}")).isEqualTo(timed + 2);
        assertThat(sample("postern_backend_time_seconds_count{api=\"logs\"}")).isEqualTo(answered + 1);
        assertThat(prometheus()).doesNotContain("metered-device", "secret-parameter", "a-raw-path", key,
                customer.masterKey(),
                customer.account() + "\"");
    }

    @Test
    void usesNoLabelsThatAClientChooses() {
        Set<String> labels = new TreeSet<>();
        Matcher line = POSTERN_LABELS.matcher(prometheus());
        while (line.find()) {
            Matcher label = LABEL.matcher(line.group(1));
            while (label.find()) {
                labels.add(label.group(1));
            }
        }
        assertThat(labels).contains("api", "outcome", "reason", "le", "result", "state", "workers", "backend", "kind",
                "lane");
        assertThat(labels).isSubsetOf("api", "outcome", "reason", "le", "result", "state", "workers", "backend", "kind",
                "lane", "why", "operation", "connection", "direction", "status");
        assertThat(prometheus()).doesNotContain("http_server_requests", "uri=");
    }

    @Test
    void watchesTheStoreAndTheConnectionsToBackends() {
        // The first takes the express lane, the second the chain.
        for (String header : new String[]{"X-Any: 1", "TE: trailers"}) {
            assertThat(RawHttp.call(GATE.port(), "GET", "/devices/lamp", "",
                    "api-key: " + GATE.newCustomer().masterKey(), header).status()).isEqualTo(200);
        }

        assertThat(sample("postern_store_connected")).isEqualTo(1);
        assertThat(prometheus()).contains("postern_store_commands_in_flight", "postern_store_failures_total");
        assertThat(prometheus()).containsPattern("postern_backend_connections\\{backend=\"[^\"]+\"} [1-9]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"})
    void reportsItsHealth(String target) {
        assertThat(RawHttp.call(GATE.managementPort(), "GET", target, "").json().required("status").stringValue())
                .isEqualTo("UP");
    }

    private static double sample(String series) {
        return prometheus().lines().filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1))).sum();
    }

    private static String prometheus() {
        return RawHttp.call(GATE.managementPort(), "GET", "/actuator/prometheus", "").text();
    }
}
