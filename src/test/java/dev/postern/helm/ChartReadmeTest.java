package dev.postern.helm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.GeneratedPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The tables in the chart's README are made from the comments of {@code values.yaml}. Run with
 * {@code -Ddocuments.write=true}, this test writes them.
 */
class ChartReadmeTest {
    private static final Path PAGE = Chart.FOLDER.resolve("README.md");
    private static final Pattern KEY = Pattern.compile("( *)([A-Za-z_]+):( .*)?");

    @Test
    void matchesTheValues() throws IOException {
        GeneratedPart.check(PAGE, ChartReadmeTest.class, tables());
    }

    private static String tables() throws IOException {
        JsonNode values = Yamls.tree(Files.readString(Chart.FOLDER.resolve("values.yaml")));
        JsonNode schema = JsonMapper.shared().readTree(Files.readString(Chart.FOLDER.resolve("values.schema.json")));
        Map<String, String> comments = comments();
        StringBuilder general = new StringBuilder();
        StringBuilder sections = new StringBuilder();
        for (String name : values.propertyNames()) {
            List<String> rows = new ArrayList<>();
            rows(name, values.required(name), schema, schema.at("/properties/" + name), comments, rows);
            String description = description(comments, name);
            if (isOpen(schema, schema.at("/properties/" + name), values.required(name))) {
                general.append(rows.getFirst());
            } else {
                sections.append("\n## `").append(name).append("`\n\n").append(description).append("\n\n")
                        .append("| value | default | description |\n| --- | --- | --- |\n");
                rows.forEach(sections::append);
            }
        }
        return "\n## General\n\n| value | default | description |\n| --- | --- | --- |\n" + general + sections + "\n";
    }

    /** Whether a value has no values of its own that the schema knows. */
    private static boolean isOpen(JsonNode document, JsonNode schema, JsonNode value) {
        return !value.isObject()
                || !ChartValuesTest.resolve(document, schema).path("additionalProperties").isBoolean();
    }

    private static void rows(String path, JsonNode value, JsonNode document, JsonNode schema,
            Map<String, String> comments, List<String> rows) {
        String description = description(comments, path);
        if (isOpen(document, schema, value)) {
            rows.add("| `" + path + "` | " + byDefault(value) + " | " + description.replace("|", "\\|") + " |\n");
            return;
        }
        JsonNode properties = ChartValuesTest.resolve(document, schema).required("properties");
        value.propertyStream().forEach(entry -> rows(path + "." + entry.getKey(), entry.getValue(), document,
                properties.required(entry.getKey()), comments, rows));
    }

    private static String description(Map<String, String> comments, String path) {
        assertThat(comments).as("the comments of values.yaml").containsKey(path);
        assertThat(comments.get(path)).as("the comment of %s", path).endsWith(".");
        return String.valueOf(comments.get(path));
    }

    private static String byDefault(JsonNode value) {
        if (value.isString()) {
            return value.stringValue().isEmpty() ? "—" : "`" + value.stringValue() + "`";
        }
        return value.isContainer() && value.isEmpty() ? "—" : "`" + value + "`";
    }

    /** The comment that stands directly above each key, by the path of the key. */
    private static Map<String, String> comments() throws IOException {
        Map<String, String> comments = new LinkedHashMap<>();
        List<String> path = new ArrayList<>();
        StringBuilder comment = new StringBuilder();
        for (String line : Files.readAllLines(Chart.FOLDER.resolve("values.yaml"))) {
            Matcher key = KEY.matcher(line);
            if (line.strip().startsWith("# ")) {
                comment.append(comment.isEmpty() ? "" : " ").append(line.strip().substring(2));
                continue;
            }
            if (key.matches()) {
                while (path.size() > key.group(1).length() / 2) {
                    path.removeLast();
                }
                path.add(key.group(2));
                if (!comment.isEmpty()) {
                    comments.put(String.join(".", path), comment.toString());
                }
            }
            comment.setLength(0);
        }
        return comments;
    }
}
