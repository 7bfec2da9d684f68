package dev.postern.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.NeedsTheImage;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The bills of materials list everything that is shipped, byte for byte. */
@NeedsTheImage
class BomTest {
    private static final String LIBRARIES = "BOOT-INF/lib/";
    private static final String IN_THE_JAR = "META-INF/sbom/application.cdx.json";
    /** Spring Boot adds this to the jar after the bill of materials has been made. */
    private static final String TOOLS = "spring-boot-jarmode-tools";

    static Path jar() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            return files.filter(file -> file.getFileName().toString().matches("postern-[0-9.]+(-SNAPSHOT)?\\.jar"))
                    .findFirst().orElseThrow();
        }
    }

    private static Stream<JsonNode> components(JsonNode bom) {
        return StreamSupport.stream(bom.required("components").spliterator(), false);
    }

    private static Set<String> sha256(JsonNode bom) {
        Set<String> hashes = new TreeSet<>();
        components(bom).forEach(component -> component.path("hashes").forEach(hash -> {
            if (hash.required("alg").stringValue().equals("SHA-256")) {
                hashes.add(hash.required("content").stringValue());
            }
        }));
        return hashes;
    }

    @Test
    void ofTheJarHasEachLibraryInIt() throws Exception {
        try (JarFile jar = new JarFile(jar().toFile())) {
            JsonNode bom;
            try (InputStream in = jar.getInputStream(jar.getEntry(IN_THE_JAR))) {
                bom = JsonMapper.shared().readTree(in);
            }
            Map<String, String> libraries = new TreeMap<>();
            for (JarEntry entry : jar.stream().filter(file -> file.getName().matches(LIBRARIES + ".*\\.jar"))
                    .toList()) {
                try (InputStream in = jar.getInputStream(entry)) {
                    libraries.put(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(in.readAllBytes())), entry.getName().substring(LIBRARIES.length()));
                }
            }
            assertThat(libraries).hasSizeGreaterThan(100);
            Set<String> listed = sha256(bom);
            assertThat(libraries).allSatisfy((hash, name) -> assertThat(listed.contains(hash) || name.startsWith(TOOLS))
                    .as(name).isTrue());
            assertThat(bom.required("bomFormat").stringValue()).isEqualTo("CycloneDX");
            assertThat(bom.required("metadata").required("component").required("name").stringValue())
                    .isEqualTo("postern");
            assertThat(bom.required("metadata").has("timestamp")).as("a time, which differs in each build").isFalse();
        }
    }

    @Test
    void ofTheImageHasTheRuntimeAndTheSystemToo() throws Exception {
        UnpackedImage.unpack();
        Path inside = UnpackedImage.ROOT.resolve("app/bom.json");
        assertThat(Path.of("target/bom.json")).hasSameBinaryContentAs(inside);
        JsonNode bom = JsonMapper.shared().readTree(Files.readString(inside));
        List<String> purls = components(bom).map(component -> component.required("purl").stringValue()).toList();

        assertThat(purls).doesNotHaveDuplicates()
                .anyMatch(purl -> purl.startsWith("pkg:maven/org.springframework.boot/" + TOOLS + "@"))
                .anyMatch(purl -> purl.startsWith("pkg:generic/openjdk@25"))
                .anyMatch(purl -> purl.matches("pkg:deb/[a-z]+/libc6@[^?]+\\?arch=\\w+&distro=[a-z]+-[0-9.]+"));
        assertThat(Files.readString(UnpackedImage.ROOT.resolve("var/lib/dpkg/status.d/libc6")))
                .startsWith("Package: libc6\n").contains("\nVersion: ");
        // Each component has its place in the graph of dependencies.
        assertThat(StreamSupport.stream(bom.required("dependencies").spliterator(), false)
                .map(entry -> entry.required("ref").stringValue())).containsAll(
                        components(bom).map(component -> component.required("bom-ref").stringValue()).toList());
    }
}
