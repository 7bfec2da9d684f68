package dev.postern.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/metrics.md} has every metric of the gate, with its type, its labels and a query. */
@OwnsItsGate
class MetricsDocumentTest {
    private static final Path PAGE = Path.of("docs/reference/metrics.md");
    /** A row: name, type and unit, labels, meaning, query. */
    private static final Pattern ROW = Pattern
            .compile(
                    "(?m)^\\| `((?:postern|application|jvm|process)_[a-z0-9_]+)` \\| ([a-z]+), [^|]+ \\| ([^|]*) \\| [^|]+ \\| `(.+)` \\|$");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE ([a-z0-9_]+) ([a-z]+)$");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"");
    private static final Pattern CODE = Pattern.compile("`([a-z_]+)`");
    private static final MixedLoad LOAD = new MixedLoad();

    /** @param labels without those that Prometheus adds to histograms */
    private record Metric(String type, Set<String> labels) {}

    @BeforeAll
    static void load() {
        LOAD.round();
        LOAD.round();
        // Its metric exists only after the first collection.
        System.gc();
    }

    @AfterAll
    static void stop() {
        LOAD.close();
    }

    private static Map<String, Metric> scraped() {
        String text = LOAD.scrape();
        Map<String, Metric> found = new TreeMap<>();
        Matcher type = TYPE.matcher(text);
        while (type.find()) {
            // A timer also has a gauge of its own maximum.
            if (!type.group(1).endsWith("_seconds_max")) {
                found.put(type.group(1), new Metric(type.group(2), labels(text, type.group(1))));
            }
        }
        return found;
    }

    private static Set<String> labels(String text, String name) {
        Set<String> labels = new TreeSet<>();
        Matcher sample = Pattern.compile("(?m)^" + name + "(?:_bucket|_sum|_count)?\\{([^}]*)\\} ").matcher(text);
        while (sample.find()) {
            Matcher label = LABEL.matcher(sample.group(1));
            while (label.find()) {
                labels.add(label.group(1));
            }
        }
        labels.remove("le");
        // Tests have no main class.
        labels.remove("main_application_class");
        return labels;
    }

    private static Map<String, Metric> documented() throws IOException {
        Map<String, Metric> found = new TreeMap<>();
        Matcher row = ROW.matcher(Files.readString(PAGE));
        while (row.find()) {
            Set<String> labels = new TreeSet<>();
            Matcher label = CODE.matcher(row.group(3));
            while (label.find()) {
                labels.add(label.group(1));
            }
            assertThat(row.group(4)).as("query of " + row.group(1)).contains(row.group(1));
            found.put(row.group(1), new Metric(row.group(2), labels));
        }
        return found;
    }

    @Test
    void documentsEveryMetricWithItsTypeAndLabels() throws IOException {
        Map<String, Metric> scraped = scraped();
        Map<String, Metric> documented = documented();
        // Of the metrics that libraries add, the page names only some.
        scraped.keySet().removeIf(name -> !name.startsWith("postern_") && !documented.containsKey(name));

        assertThat(documented).containsExactlyInAnyOrderEntriesOf(scraped);
    }

    @Test
    void showsNothingOfACaller() {
        assertThat(LOAD.scrape()).doesNotContain(LOAD.secrets()).doesNotContain("made-up", "nowhere");
    }
}
