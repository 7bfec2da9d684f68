package dev.postern.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.NeedsTheImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What is in the image, and what it says about itself. */
@NeedsTheImage
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageTest {
    private static final String LABEL = "org.opencontainers.image.";

    private UnpackedImage image;

    @BeforeAll
    void unpack() throws IOException {
        image = UnpackedImage.unpack();
    }

    private static Set<String> names(List<TarArchiveEntry> entries) {
        return entries.stream().map(TarArchiveEntry::getName).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void hasALayerForEachPartThatChangesByItself() {
        assertThat(image.layerNames()).containsExactly("system", "runtime", "dependencies", "application", "aot");
        List<Set<String>> layers = image.layers().stream().map(ImageTest::names).toList();
        assertThat(layers.get(0)).contains("etc/passwd", "etc/os-release", "var/lib/dpkg/status.d/libc6")
                .noneMatch(name -> name.startsWith("app/") || name.startsWith("opt/"));
        assertThat(layers.get(1)).contains("opt/java/bin/java", "opt/java/lib/modules")
                .allMatch(name -> name.startsWith("opt/"));
        assertThat(layers.get(2)).contains("app/native/")
                .allMatch(name -> name.equals("app/") || name.startsWith("app/lib/") || name.startsWith("app/native/"));
        assertThat(layers.get(3)).containsExactlyInAnyOrder("app/", "app/bom.json", "app/config/", "app/data/",
                "app/jvm.flags", "app/postern.jar");
        assertThat(layers.get(4)).containsExactlyInAnyOrder("app/", "app/app.aot");
    }

    @Test
    void startsTheGateWithTheFlagsOfEveryGateAndAFixedCollector() throws IOException {
        assertThat(image.entrypoint()).containsExactly("/opt/java/bin/java", "-XX:Flags=/app/jvm.flags",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseCompactObjectHeaders", "-Djava.library.path=/app/native", "-XX:AOTCache=/app/app.aot", "-jar",
                "/app/postern.jar");
        assertThat(Files.readString(Path.of("pom.xml"))).contains("<jvm.flags>" + image.entrypoint().stream()
                .skip(2).limit(3).collect(Collectors.joining(" ")) + "</jvm.flags>");
        assertThat(Files.readAllLines(UnpackedImage.ROOT.resolve("app/jvm.flags"))).containsExactly("+UseG1GC",
                "+UseCompressedOops", "MaxRAMPercentage=50", "+ExitOnOutOfMemoryError", "-UsePerfData");
        assertThat(image.config().path("Cmd")).isEmpty();
    }

    @Test
    void runsAsAUserWithoutPrivileges() throws IOException {
        assertThat(image.config().required("User").stringValue()).isEqualTo("65532:65532");
        assertThat(image.config().required("WorkingDir").stringValue()).isEqualTo("/app");
        assertThat(image.config().required("Volumes").propertyNames()).containsExactlyInAnyOrder("/app/data", "/tmp");
        assertThat(image.config().required("ExposedPorts").propertyNames()).containsExactlyInAnyOrder("8080/tcp",
                "8081/tcp");
        assertThat(UnpackedImage.strings(image.config().required("Env"))).containsExactlyInAnyOrder("LANG=C.UTF-8",
                "PATH=/opt/java/bin", "JAVA_HOME=/opt/java");
        assertThat(Files.readString(UnpackedImage.ROOT.resolve("etc/passwd"))).contains("postern:x:65532:65532:");
    }

    @Test
    void hasTheLabelsOfOci() {
        assertThat(image.config().required("Labels").propertyNames()).contains(LABEL + "title", LABEL + "description",
                LABEL + "version", LABEL + "licenses", LABEL + "revision", LABEL + "created");
        assertThat(image.config().required("Labels").required(LABEL + "title").stringValue()).isEqualTo("Postern");
        assertThat(image.config().required("Labels").required(LABEL + "licenses").stringValue())
                .isEqualTo("Apache-2.0");
        assertThat(image.config().required("Labels").required(LABEL + "revision").stringValue())
                .matches("[0-9a-f]{40}(-dirty)?");
    }

    @Test
    void letsNobodyWriteExceptTheGateInItsVolumes() {
        Set<String> writable = Set.of("app/data/", "tmp/");
        assertThat(image.entries()).allSatisfy(entry -> {
            boolean own = writable.contains(entry.getName());
            assertThat(entry.isFile() || entry.isDirectory()).as(entry.getName()).isTrue();
            assertThat(entry.getMode() & 07022).as("bits of %s that are set", entry.getName())
                    .isEqualTo(own ? 0020 : 0);
            assertThat(entry.getLongUserId()).as(entry.getName()).isEqualTo(own ? ImageRoot.USER : 0);
            assertThat(entry.getLongGroupId()).as(entry.getName()).isZero();
        });
        assertThat(names(image.entries())).containsAll(writable);
    }

    @Test
    void hasNoProgramButJava() {
        Set<String> programs = image.entries().stream()
                .filter(entry -> entry.isFile() && (entry.getMode() & 0111) != 0)
                .map(TarArchiveEntry::getName).filter(name -> !name.contains(".so"))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(programs).containsExactly("opt/java/bin/java", "opt/java/lib/jspawnhelper");
        assertThat(image.entries().stream().map(TarArchiveEntry::getName).filter(name -> name.contains("/bin/"))
                .filter(name -> !name.endsWith("/"))).containsExactly("opt/java/bin/java");
    }

    @Test
    void hasNeitherAConfigurationNorAnythingSecret() throws IOException {
        assertThat(names(image.entries())).noneMatch(name -> name.matches(
                ".*(application\\.ya?ml|secret-keys|operator-token|api-key|master-key|\\.pem|\\.p12|\\.git|\\.java)$"));
        for (String folder : List.of("app/config", "app/data", "tmp")) {
            assertThat(UnpackedImage.ROOT.resolve(folder)).isEmptyDirectory();
        }
    }

    @Test
    void hasTheTermsOfItsParts() {
        assertThat(names(image.entries())).contains("usr/share/doc/libc6/copyright",
                "opt/java/legal/java.base/LICENSE");
    }

    /** A library that refers to a module which is not in the image would fail when that code runs. */
    @Test
    void hasTheModulesThatTheJarsReferTo() throws Exception {
        // Annotation processors, preferences, and transactions are only in the signatures of what the gate does not use.
        Set<String> unused = Set.of("java.compiler", "java.prefs");
        List<String> command = new ArrayList<>(List.of(Tool.ofTheJdk("jdeps"), "--ignore-missing-deps", "-q",
                "--multi-release", "25", "--print-module-deps", "--class-path",
                UnpackedImage.ROOT.resolve("app/lib") + "/*",
                UnpackedImage.ROOT.resolve("app/postern.jar").toString()));
        try (Stream<Path> jars = Files.list(UnpackedImage.ROOT.resolve("app/lib"))) {
            jars.map(Path::toString).sorted().forEach(command::add);
        }

        Set<String> needed = new TreeSet<>(Arrays.asList(Tool.run(command).strip().split(",", -1)));
        needed.removeAll(unused);

        assertThat(needed).isNotEmpty().isSubsetOf(JavaRuntime.MODULES);
    }
}
