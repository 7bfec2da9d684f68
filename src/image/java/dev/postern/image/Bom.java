package dev.postern.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import java.util.zip.ZipEntry;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The bill of materials of the image, CycloneDX: that of the jar, and what the image adds to it. */
final class Bom {
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final String IN_THE_JAR = "META-INF/sbom/application.cdx.json";
    private static final Pattern VERSION = Pattern.compile("(.+?)-(\\d[^/]*)\\.jar");

    private final ObjectNode document;

    private Bom(ObjectNode document) {
        this.document = document;
    }

    static Bom of(ImageRoot root, List<DebianPackage> packages) throws IOException {
        Bom bom = new Bom(ofTheJar(root.path("app/postern.jar")));
        // The tool with which the jar was unpacked: the jar has it in addition to the dependencies of the build.
        for (Path jar : root.below("app/lib")) {
            Matcher name = VERSION.matcher(jar.getFileName().toString());
            if (name.matches() && name.group(1).equals("spring-boot-jarmode-tools")) {
                bom.add("library", name.group(1), name.group(2),
                        "pkg:maven/org.springframework.boot/" + name.group(1) + "@" + name.group(2) + "?type=jar",
                        Optional.of("Apache-2.0"));
            }
        }
        bom.add("platform", System.getProperty("java.vendor") + " JDK", Runtime.version().toString(),
                "pkg:generic/openjdk@" + Runtime.version().toString().replace("+", "%2B"),
                Optional.of("GPL-2.0-only WITH Classpath-exception-2.0"));
        packages.forEach(used -> bom.add("library", used.name(), used.version(), used.purl(), Optional.empty()));
        return bom;
    }

    private static ObjectNode ofTheJar(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            ZipEntry entry = file.getEntry(IN_THE_JAR);
            if (entry == null) {
                throw new IllegalStateException(jar + " has no " + IN_THE_JAR + ": build it with mvn package");
            }
            try (InputStream in = file.getInputStream(entry)) {
                return (ObjectNode) JSON.readTree(in);
            }
        }
    }

    private void add(String type, String name, String version, String purl, Optional<String> license) {
        ObjectNode component = ((ArrayNode) document.required("components")).addObject();
        component.put("type", type).put("bom-ref", purl).put("name", name).put("version", version).put("purl", purl);
        license.ifPresent(known -> {
            ObjectNode choice = component.putArray("licenses").addObject();
            if (known.contains(" ")) {
                choice.put("expression", known);
            } else {
                choice.putObject("license").put("id", known);
            }
        });
        ((ArrayNode) document.required("dependencies")).addObject().put("ref", purl).putArray("dependsOn");
        dependenciesOfTheGate().add(purl);
    }

    private ArrayNode dependenciesOfTheGate() {
        JsonNode gate = document.required("metadata").required("component").required("bom-ref");
        return StreamSupport.stream(document.required("dependencies").spliterator(), false)
                .filter(entry -> entry.required("ref").equals(gate)).findFirst()
                .map(entry -> (ArrayNode) entry.required("dependsOn")).orElseThrow();
    }

    void write(Path file) throws IOException {
        Files.writeString(file, JSON.writeValueAsString(document) + "\n");
    }
}
