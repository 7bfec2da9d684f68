package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.GeneratedPart;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The tables of {@code docs/reference/settings.md} are made from the configuration metadata, which the compiler makes
 * from the Javadoc and defaults of the settings records. Run with {@code -Ddocuments.write=true}, this test writes
 * them.
 */
class SettingsDocumentTest {
    private static final Path PAGE = Path.of("docs/reference/settings.md");
    private static final String METADATA = "META-INF/spring-configuration-metadata.json";
    private static final String PREFIX = "postern.";
    /** A map or list whose values have settings of their own, which other metadata describe. */
    private static final Pattern OF_SETTINGS = Pattern.compile("java\\.util\\.(Map<java\\.lang\\.String,|List<)(.+)>");
    private static final Pattern CODE = Pattern.compile("\\{@code ((?:[^{}]|\\{[^{}]*\\})*)\\}");

    /** A setting as a row shows it. */
    private record Setting(String name, String byDefault, String description) {}

    @Test
    void matchesTheSettingsRecords() throws IOException {
        GeneratedPart.check(PAGE, SettingsDocumentTest.class, tables());
    }

    private static String tables() throws IOException {
        Map<String, List<Setting>> sections = new TreeMap<>();
        Map<String, String> introductions = new TreeMap<>();
        for (JsonNode property : metadata().required("properties")) {
            add(property, "", sections, introductions);
        }
        StringBuilder text = new StringBuilder();
        sections.forEach((section, settings) -> {
            text.append("\n## ").append(section.equals("postern") ? "General" : "`" + section + "`").append('\n');
            Optional.ofNullable(introductions.get(section))
                    .ifPresent(introduction -> text.append('\n').append(introduction).append('\n'));
            text.append("\n| setting | default | description |\n| --- | --- | --- |\n");
            for (Setting setting : settings) {
                text.append("| `").append(setting.name()).append("` | ").append(setting.byDefault()).append(" | ")
                        .append(setting.description()).append(" |\n");
            }
        });
        return text.append('\n').toString();
    }

    private static void add(JsonNode property, String prefix, Map<String, List<Setting>> sections,
            Map<String, String> introductions) throws IOException {
        String name = prefix + property.required("name").stringValue();
        String description = markdown(property.path("description").asString(""));
        assertThat(description).as("the Javadoc of %s", name).endsWith(".");
        Matcher nested = OF_SETTINGS.matcher(property.required("type").stringValue());
        if (nested.matches()) {
            Optional<JsonNode> parts = json("META-INF/spring/configuration-metadata/" + nested.group(2) + ".json");
            if (parts.isPresent()) {
                String section = name + (nested.group(1).startsWith("List")
                        ? "[]"
                        : name.endsWith("apis") ? ".<id>" : ".<name>");
                introductions.put(section, description);
                for (JsonNode part : parts.get().required("properties")) {
                    add(part, section + ".", sections, introductions);
                }
                return;
            }
        }
        sections.computeIfAbsent(name.substring(0, name.lastIndexOf('.')), _ -> new ArrayList<>())
                .add(new Setting(name, byDefault(property), description));
    }

    private static String byDefault(JsonNode property) {
        JsonNode value = property.path("defaultValue");
        return value.isMissingNode()
                ? "—"
                : "`" + value.asString().replaceFirst("^\\[(.*)]$", "$1") + "`";
    }

    private static String markdown(String javadoc) {
        return CODE.matcher(javadoc).replaceAll(code -> Matcher.quoteReplacement("`" + code.group(1).strip() + "`"))
                .replace("|", "\\|");
    }

    /** The metadata of this project; its libraries have some under the same name. */
    private static JsonNode metadata() throws IOException {
        for (URL found : Collections.list(SettingsDocumentTest.class.getClassLoader().getResources(METADATA))) {
            JsonNode metadata = read(found);
            for (JsonNode property : metadata.required("properties")) {
                if (property.required("name").stringValue().startsWith(PREFIX)) {
                    return metadata;
                }
            }
        }
        throw new AssertionError(METADATA + " is not on the class path: it is made by mvn compile");
    }

    private static Optional<JsonNode> json(String resource) throws IOException {
        URL found = SettingsDocumentTest.class.getClassLoader().getResource(resource);
        return found == null ? Optional.empty() : Optional.of(read(found));
    }

    private static JsonNode read(URL resource) throws IOException {
        try (InputStream stream = resource.openStream()) {
            return JsonMapper.shared().readTree(stream);
        }
    }
}
