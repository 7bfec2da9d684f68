package dev.postern.monitoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A dashboard for Grafana. */
record Dashboard(String name, JsonNode json, List<Panel> panels) {
    static final Path FOLDER = Path.of("config/grafana");

    /** A panel; a row of the dashboard has no queries. */
    record Panel(int id, String type, String title, String description, String unit, Place place,
            List<Query> queries, List<Threshold> thresholds) {
        boolean isRow() {
            return type.equals("row");
        }
    }

    /** The color of values from this one. */
    record Threshold(double from, String color) {}

    /** In the 24 columns of Grafana. */
    record Place(int x, int y, int width, int height) {
        boolean overlaps(Place other) {
            return x < other.x + other.width && other.x < x + width && y < other.y + other.height
                    && other.y < y + height;
        }
    }

    /** A query with Grafana's variables. */
    record Query(String expression, String legend, String datasource) {
        /** The query as Grafana would send it. */
        String filled() {
            return expression.replace("$job", "postern").replace("$instance", ".+").replace("$__rate_interval", "10s");
        }
    }

    static List<Dashboard> all() throws IOException {
        List<Dashboard> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.sorted().toList()) {
                JsonNode json = JsonMapper.shared().readTree(Files.readString(file));
                List<Panel> panels = new ArrayList<>();
                json.required("panels").forEach(panel -> panels.add(panel(panel)));
                all.add(new Dashboard(file.getFileName().toString().replace(".json", ""), json, panels));
            }
        }
        return all;
    }

    private static Panel panel(JsonNode json) {
        List<Query> queries = new ArrayList<>();
        json.path("targets").forEach(target -> queries.add(new Query(target.required("expr").stringValue(),
                target.path("legendFormat").asString(""), target.path("datasource").path("uid").asString(""))));
        List<Threshold> thresholds = new ArrayList<>();
        json.path("fieldConfig").path("defaults").path("thresholds").path("steps")
                .forEach(step -> thresholds.add(new Threshold(step.path("value").asDouble(Double.NEGATIVE_INFINITY),
                        step.required("color").stringValue())));
        JsonNode place = json.required("gridPos");
        return new Panel(json.required("id").intValue(), json.required("type").stringValue(),
                json.required("title").stringValue(), json.path("description").asString(""),
                json.path("fieldConfig").path("defaults").path("unit").asString(""),
                new Place(place.required("x").intValue(), place.required("y").intValue(),
                        place.required("w").intValue(), place.required("h").intValue()),
                queries, thresholds);
    }

    @Override
    public String toString() {
        return name;
    }
}
