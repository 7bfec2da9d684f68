package dev.postern.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.monitoring.Dashboard.Panel;
import dev.postern.monitoring.Dashboard.Query;
import dev.postern.monitoring.DashboardPicture.Line;
import dev.postern.support.OwnsItsGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * The dashboards in {@code config/grafana} are complete, and each of their queries has an answer in a real Prometheus
 * that scrapes a gate under mixed load. With {@code -Ddocuments.write=true}, the test draws them for the documents.
 */
@OwnsItsGate
class DashboardsTest {
    private static final Path PICTURES = Path.of("docs/how-to/pictures");
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration LOAD = Duration.ofSeconds(12);
    private static final Set<String> UNITS = Set.of("none", "reqps", "ops", "s", "percentunit", "bytes", "Bps");
    private static final Pattern METRIC = Pattern.compile("\\b((?:postern|jvm|process)_[a-z0-9_]+)");
    private static final Pattern LABEL = Pattern.compile("\\{\\{(\\w+)}}");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\| .* \\| `(.+)` \\|$");

    @TempDir
    Path folder = Path.of("");

    static List<Dashboard> dashboards() throws IOException {
        return Dashboard.all();
    }

    /** The names (1) and the queries (2) of the reference of metrics. */
    private static List<MatchResult> documented() throws IOException {
        return DOCUMENTED.matcher(Files.readString(Path.of("docs/reference/metrics.md"))).results().toList();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void hasTitlesUnitsAndLegends(Dashboard dashboard) {
        Set<Integer> ids = new HashSet<>();
        for (Panel panel : dashboard.panels()) {
            assertThat(ids.add(panel.id())).as("ID of " + panel.title()).isTrue();
            assertThat(panel.title()).isNotBlank();
            assertThat(panel.place().x() + panel.place().width()).as(panel.title()).isLessThanOrEqualTo(24);
            assertThat(dashboard.panels()).as("overlap with " + panel.title())
                    .filteredOn(other -> other.id() != panel.id() && other.place().overlaps(panel.place())).isEmpty();
            if (!panel.isRow()) {
                assertThat(panel.description()).as(panel.title()).endsWith(".");
                assertThat(UNITS).as("unit of " + panel.title()).contains(panel.unit());
                assertThat(panel.queries()).as(panel.title()).isNotEmpty();
            }
            for (Query query : panel.queries()) {
                assertThat(query.legend()).as("legend in " + panel.title()).isNotBlank();
                assertThat(query.datasource()).isEqualTo("${datasource}");
                assertThat(query.expression()).contains("job=\"$job\", instance=~\"$instance\"");
                Matcher label = LABEL.matcher(query.legend());
                while (label.find()) {
                    assertThat(query.expression()).as("the label of a legend in " + panel.title())
                            .containsPattern("by \\([^)]*\\b" + label.group(1) + "\\b");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void selectsTheSourceOfItsData(Dashboard dashboard) {
        List<String> variables = new ArrayList<>();
        dashboard.json().required("templating").required("list")
                .forEach(variable -> variables.add(variable.required("name").stringValue()));
        assertThat(variables).containsExactly("datasource", "job", "instance");
        assertThat(dashboard.json().required("uid").stringValue()).startsWith("postern-");
        assertThat(dashboard.json().has("id")).as("an ID would belong to one Grafana").isFalse();
    }

    @Test
    void showEachMetricOfTheGate() throws IOException {
        Set<String> shown = new TreeSet<>();
        for (Dashboard dashboard : Dashboard.all()) {
            for (Panel panel : dashboard.panels()) {
                for (Query query : panel.queries()) {
                    Matcher metric = METRIC.matcher(query.expression());
                    while (metric.find()) {
                        shown.add(metric.group(1).replaceFirst("(_seconds)_(bucket|count|sum)$", "$1"));
                    }
                }
            }
        }
        Set<String> documented = new TreeSet<>();
        documented().forEach(row -> documented.add(row.group(1)));

        assertThat(documented).as("metrics that the dashboards use").containsAll(shown);
        documented.removeIf(name -> !name.startsWith("postern_"));
        documented.removeAll(shown);
        assertThat(documented).as("metrics that no dashboard shows").containsExactlyInAnyOrder("postern_cache_entries",
                "postern_config_last_reload_successful", "postern_config_loaded_timestamp_seconds",
                "postern_config_reloads_total",
                "postern_credentials_remembered", "postern_recent_decisions_skipped_total",
                "postern_request_log_dropped_total", "postern_request_log_waiting", "postern_search_lists",
                "postern_store_management_connected");
    }

    @Test
    void everyQueryHasAnAnswer() throws IOException, InterruptedException {
        Prometheus.require("prometheus");
        try (MixedLoad load = new MixedLoad();
                Prometheus prometheus = new Prometheus(folder, load.gate().managementPort())) {
            AtomicBoolean over = new AtomicBoolean();
            Thread rounds = Thread.ofPlatform().daemon().name("mixed-load").start(() -> {
                while (!over.get()) {
                    load.round();
                }
            });
            await().atMost(LIMIT).until(() -> !prometheus.query("up == 1").isEmpty());
            Instant start = Instant.now();
            List<String> empty = new ArrayList<>();
            await().atMost(LIMIT).pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
                empty.clear();
                everyQuery(query -> {
                    if (prometheus.query(query).isEmpty()) {
                        empty.add(query);
                    }
                });
                assertThat(empty).isEmpty();
                assertThat(Duration.between(start, Instant.now())).isGreaterThan(LOAD);
            });
            over.set(true);
            rounds.join(LIMIT);

            assertThat(prometheus.query("api_outcome:postern_decisions:rate5m")).isNotEmpty();
            assertThat(prometheus.query("api:postern_backend_errors:ratio_rate5m")).isNotEmpty();
            for (Dashboard dashboard : Dashboard.all()) {
                draw(dashboard, prometheus, start);
            }
        }
    }

    private static void everyQuery(java.util.function.Consumer<String> consumer) throws IOException {
        for (Dashboard dashboard : Dashboard.all()) {
            dashboard.panels().forEach(panel -> panel.queries().forEach(query -> consumer.accept(query.filled())));
        }
        // Of documents: a test does not run for five minutes, but it has a value for each.
        documented().forEach(row -> consumer.accept(row.group(2)));
    }

    private static void draw(Dashboard dashboard, Prometheus prometheus, Instant start) throws IOException {
        int rows = dashboard.panels().stream().mapToInt(panel -> panel.place().y() + panel.place().height()).max()
                .orElse(0);
        DashboardPicture picture = new DashboardPicture(dashboard.json().required("title").stringValue(), rows);
        for (Panel panel : dashboard.panels()) {
            if (panel.isRow()) {
                picture.row(panel);
            } else {
                List<Line> lines = new ArrayList<>();
                panel.queries().forEach(query -> prometheus.range(query.filled(), start)
                        .forEach(series -> lines.add(line(query, series))));
                assertThat(lines).as(panel.title()).isNotEmpty();
                picture.panel(panel, lines);
            }
        }
        Path drawn = Files.writeString(
                Files.createDirectories(Path.of("target", "dashboards")).resolve(dashboard.name() + ".svg"),
                picture.svg());
        if (Boolean.getBoolean("documents.write")) {
            Files.copy(drawn, PICTURES.resolve("dashboard-" + dashboard.name() + ".svg"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static Line line(Query query, JsonNode series) {
        String name = LABEL.matcher(query.legend()).replaceAll(label -> Matcher.quoteReplacement(
                series.required("metric").path(label.group(1)).asString("")));
        List<Double> values = new ArrayList<>();
        series.required("values").forEach(value -> {
            double number = Double.parseDouble(value.get(1).stringValue());
            values.add(Double.isFinite(number) ? number : 0);
        });
        return new Line(name.replaceFirst("127\\.0\\.0\\.1:\\d+", "gate-1"), values);
    }
}
