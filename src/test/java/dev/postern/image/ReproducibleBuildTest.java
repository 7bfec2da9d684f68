package dev.postern.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.NeedsTheImage;
import dev.postern.support.ScriptRun;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A second build, of a copy in another folder, makes the same jar, and the same image except the AOT cache: that holds
 * what the JVM measured in the training, which is never twice the same.
 */
@NeedsTheImage
class ReproducibleBuildTest {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    @Test
    void makesTheSameJarAndTheSameLayers(@TempDir Path folder) throws Exception {
        for (String part : List.of("pom.xml", ".mvn", "src/main", "src/build")) {
            copy(Path.of(part), folder.resolve(part));
        }
        ScriptRun maven = ScriptRun.of(Map.of("CI", "false",
                // Surefire sets it to the JDK of the tests. The jar names the JDK that Maven runs on.
                "JAVA_HOME", System.getProperty("maven.java.home", "")), LIMIT,
                List.of("mvn", "-B", "-q", "-f",
                        folder.resolve("pom.xml").toString(), "package", "-Dmaven.test.skip=true", "-DskipTests"));
        assertThat(maven.status()).as(maven.text()).isZero();
        Path first = BomTest.jar();
        Path second = folder.resolve("target").resolve(first.getFileName());

        // By name first, because that shows what differs.
        assertThat(contents(second)).isEqualTo(contents(first));
        assertThat(second).hasSameBinaryContentAs(first);

        JsonNode firstImage = config(UnpackedImage.TAR);
        Path target = Files.createDirectories(folder.resolve("image"));
        Path secondTar = BuildImage.build(new ImageSettings(second, target, "scratch",
                Instant.parse(firstImage.required("created").stringValue()),
                List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseCompactObjectHeaders"),
                false, labels(firstImage), "postern:second"));
        JsonNode secondImage = config(secondTar);

        List<String> firstLayers = UnpackedImage.strings(firstImage.required("rootfs").required("diff_ids"));
        assertThat(UnpackedImage.strings(secondImage.required("rootfs").required("diff_ids")))
                .isEqualTo(firstLayers.subList(0, firstLayers.size() - 1)).hasSize(4);
        assertThat(secondImage.required("config")).isEqualTo(firstImage.required("config"));
        assertThat(UnpackedImage.files(secondTar).keySet().stream().filter(name -> name.endsWith(".tar.gz")))
                .as("compressed layers").isSubsetOf(UnpackedImage.files(UnpackedImage.TAR).keySet());
    }

    /** The check sums of the files in a jar, by name. */
    private static Map<String, Long> contents(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().collect(Collectors.toMap(JarEntry::getName, JarEntry::getCrc));
        }
    }

    private static Map<String, String> labels(JsonNode config) {
        Map<String, String> labels = new LinkedHashMap<>();
        config.required("config").required("Labels").properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().stringValue()));
        return labels;
    }

    private static JsonNode config(Path tar) throws IOException {
        return JsonMapper.shared().readTree(UnpackedImage.files(tar).getOrDefault("config.json", new byte[0]));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.toAbsolutePath().getParent());
                Files.copy(file, from.equals(file) ? to : copy);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
