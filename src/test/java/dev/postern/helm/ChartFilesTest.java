package dev.postern.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * A chart can only read files in its own folder, so it has copies of the catalogue, the rules and the dashboards. They
 * are the same as the originals in {@code config}.
 */
class ChartFilesTest {
    private static final Path CONFIG = Path.of("config");
    private static final Path FILES = Chart.FOLDER.resolve("files");

    @Test
    void hasTheCatalogueOfTheProject() throws IOException {
        assertThat(Files.readAllBytes(FILES.resolve("application.yml")))
                .as("cp config/application.yml helm/postern/files/").isEqualTo(
                        Files.readAllBytes(CONFIG.resolve("application.yml")));

        JsonNode original = Yamls.tree(Files.readString(CONFIG.resolve("application.yml")));
        JsonNode rendered = Yamls.tree(Chart.ofTheProject().render(ValueSets.MINIMAL.yaml()).settings());
        assertThat(rendered.at("/postern/apis")).isEqualTo(original.at("/postern/apis")).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({"prometheus/rules, rules, yml", "grafana, grafana, json"})
    void hasTheSameRulesAndDashboardsAsTheProject(String folder, String copy, String extension) throws IOException {
        assertThat(contents(FILES.resolve(copy), extension))
                .as("rm -rf helm/postern/files/%s && cp -r config/%s helm/postern/files/", copy, folder)
                .isEqualTo(contents(CONFIG.resolve(folder), extension));
    }

    /** The text of all files with this extension by name; empty if there is no such folder. */
    private static Map<String, String> contents(Path folder, String extension) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(each -> each.toString().endsWith("." + extension)).toList()) {
                    contents.put(file.getFileName().toString(), Files.readString(file));
                }
            }
        }
        return contents;
    }

    @Test
    void rendersTheRulesAndDashboardsThatItHas() throws IOException {
        Rendered rendered = Chart.ofTheProject().render(ValueSets.RULES_AND_DASHBOARDS.yaml());

        assertThat(rendered.all("PrometheusRule").count()).isEqualTo(contents(FILES.resolve("rules"), "yml")
                .size());
        contents(FILES.resolve("grafana"), "json").forEach((name, text) -> assertThat(rendered.all("ConfigMap")
                .filter(map -> map.at("/data").has(name)).map(map -> map.at("/data").required(name).stringValue()))
                .containsExactly(text));
    }

    @Test
    void rendersRulesWithTheTemplatesOfPrometheus(@TempDir Path folder) throws IOException {
        Chart chart = Chart.copyTo(folder);
        Path rules = Files.createDirectories(chart.folder().resolve("files/rules")).resolve("more_rules.yml");
        String text = """
                # Rules of a test.
                groups:
                  - name: postern
                    interval: 30s
                    rules:
                      - record: postern:decisions:rate5m
                        expr: sum by (reason) (rate(postern_decisions_total[5m]))
                      - alert: PosternStoreDown
                        expr: postern_store_connected == 0
                        for: 1m
                        labels: {severity: critical}
                        annotations:
                          summary: 'Gate {{ $labels.instance }} has had no Redis for {{ $value | humanizeDuration }}.'
                          description: |
                            {{ range query "up" }}{{ .Labels.job }}: {{ .Value }}
                            {{ end }}
                """;
        Files.writeString(rules, text);

        Rendered rendered = chart.render(ValueSets.RULES_AND_DASHBOARDS.yaml());

        JsonNode rule = rendered.require("PrometheusRule", "demo-postern-more-rules");
        assertThat(KubernetesTypes.complaints(rule)).isEmpty();
        assertThat(rule.required("spec")).isEqualTo(Yamls.tree(text));
        assertThat(rule.at("/metadata/labels/release").asString("")).isEqualTo("prometheus");
        assertThat(rule.at("/metadata/namespace").asString("")).isEqualTo("monitoring");
        assertThat(ChartTest.problemsWithNames(rendered)).isEmpty();
        assertThat(chart.render(ValueSets.MINIMAL.yaml()).all("PrometheusRule")).isEmpty();
    }

    @Test
    void rendersDashboardsByteForByte(@TempDir Path folder) throws IOException {
        Chart chart = Chart.copyTo(folder);
        Path dashboards = Files.createDirectories(chart.folder().resolve("files/grafana"));
        String text = "{\n  \"title\": \"{{instance}} \\\"…\\\" — ' : #\",\n\t\"panels\": []\n}\n";
        Files.writeString(dashboards.resolve("Gate_overview.json"), text);
        Files.writeString(dashboards.resolve("calls.json"), "{}\n");

        Rendered rendered = chart.render(ValueSets.RULES_AND_DASHBOARDS.yaml());

        JsonNode dashboard = rendered.require("ConfigMap", "demo-postern-dashboard-gate-overview");
        assertThat(dashboard.at("/data/Gate_overview.json").asString("")).isEqualTo(text);
        assertThat(dashboard.at("/metadata/labels/grafana_dashboard").asString("")).isEqualTo("1");
        assertThat(dashboard.at("/metadata/annotations/grafana_folder").asString("")).isEqualTo("Postern");
        assertThat(rendered.all("ConfigMap").filter(map -> map.at("/metadata/labels").has("grafana_dashboard")))
                .hasSize(contents(dashboards, "json").size());
        assertThat(ChartTest.problemsWithNames(rendered)).isEmpty();
        assertThat(rendered.manifests()).allMatch(manifest -> KubernetesTypes.complaints(manifest).isEmpty());
        assertThat(chart.render(ValueSets.MINIMAL.yaml()).all("ConfigMap")).hasSize(1);
    }

    @Test
    void fitIntoConfigMaps() throws IOException {
        assertThat(contents(FILES.resolve("grafana"), "json").values()).allMatch(
                text -> text.getBytes(StandardCharsets.UTF_8).length < 1_000_000);
    }

    @Test
    void namesTheVersionOfTheGate() throws Exception {
        JsonNode chart = Yamls.tree(Files.readString(Chart.FOLDER.resolve("Chart.yaml")));
        String version = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Path.of("pom.xml").toFile())
                .getDocumentElement().getElementsByTagName("version").item(1).getTextContent();

        assertThat(chart.required("appVersion").stringValue()).isEqualTo(version);
        assertThat(Chart.ofTheProject().render(ValueSets.MINIMAL.yaml()).gate().required("image").stringValue())
                .isEqualTo("postern:" + version);
        assertThat(chart.required("kubeVersion").stringValue()).isEqualTo(">=1.30.0-0");
    }

    @Test
    void hasTheIconOfTheConsole() throws IOException {
        String icon = Yamls.tree(Files.readString(Chart.FOLDER.resolve("Chart.yaml"))).required("icon").stringValue();
        String prefix = "data:image/svg+xml;base64,";

        assertThat(icon).startsWith(prefix);
        assertThat(Base64.getDecoder().decode(icon.substring(prefix.length()))).isEqualTo(
                Files.readAllBytes(Path.of("src/main/resources/dev/postern/console/icon.svg")));
    }
}
