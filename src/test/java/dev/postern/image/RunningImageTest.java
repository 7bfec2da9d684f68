package dev.postern.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.image.UnpackedImage.Place;
import dev.postern.store.TestTlsRedis;
import dev.postern.support.ChildGate;
import dev.postern.support.NeedsTheImage;
import dev.postern.support.RawHttp;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Gates run from the unpacked image: as process 1, as the user of the image, on a root file system that cannot be
 * written.
 */
@NeedsTheImage
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RunningImageTest {
    private static final int ENDED_BY_SIGTERM = 143;
    /** What the JVM says before it starts without the cache. */
    private static final String HINT = "Run with -Xlog:aot for details";
    private static final String AOT = "-XX:AOTCache=/app/app.aot";

    private UnpackedImage image;

    @BeforeAll
    void unpack(@TempDir Path folder) throws Exception {
        image = UnpackedImage.unpack();
        image.assumeItCanBeEntered(folder);
    }

    private static Place place(Path folder) throws IOException {
        Place place = Place.in(folder);
        Files.copy(Path.of("config/application.yml"), place.configuration().resolve("application.yml"));
        return place;
    }

    /** The entry point, with another option in the place of the one for the AOT cache. */
    private List<String> entrypoint(String... instead) {
        List<String> command = new ArrayList<>(image.entrypoint());
        int at = command.indexOf(AOT);
        command.remove(at);
        command.addAll(at, List.of(instead));
        return command;
    }

    private static void makesCalls(ChildGate gate, Place place) throws IOException {
        new TrainingCalls(gate.port(), gate.managementPort(), place.data()).make(1);
    }

    private static void endsGracefully(ChildGate gate) {
        assertThat(UnpackedImage.stop(gate)).as(gate.output()).isEqualTo(ENDED_BY_SIGTERM);
        assertThat(gate.output()).doesNotContain("WARN", "ERROR", "Exception", "[warning]", "[error]");
    }

    /** With AOTMode=on, the JVM does not start if it cannot use the cache. */
    @Test
    void answersCallsThroughBothLanesWithItsAotCacheAndEndsGracefully(@TempDir Path folder) throws Exception {
        Place place = place(folder);
        try (ChildGate gate = image.start(entrypoint("-XX:AOTMode=on", AOT), place)) {
            makesCalls(gate, place);

            String metrics = RawHttp.call(gate.managementPort(), "GET", "/actuator/prometheus", "").text();
            assertThat(metrics).containsPattern("postern_lane_calls_total\\{.*express.*\\} [1-9]")
                    .containsPattern("postern_lane_calls_total\\{.*chain.*\\} [1-9]")
                    .contains("id=\"G1 Old Gen\"");
            assertThat(RawHttp.call(gate.managementPort(), "GET", "/console/sign-in", "").text()).contains("<html");
            endsGracefully(gate);
        }
    }

    @Test
    void answersOverTls(@TempDir Path folder) throws Exception {
        Place place = place(folder);
        Path certificate = TestTlsRedis.newCertificate(folder, "dns:localhost");
        Files.copy(certificate, place.configuration().resolve("certificate.pem"));
        Path key = Files.copy(folder.resolve("key.pem"), place.configuration().resolve("key.pem"));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        try (ChildGate gate = image.start(place, "--management.server.ssl.enabled=false",
                "--server.ssl.certificate=file:/app/config/certificate.pem",
                "--server.ssl.certificate-private-key=file:/app/config/key.pem")) {
            assertThat(callOverTls(gate.port(), certificate)).startsWith("HTTP/1.1 401 ");
            endsGracefully(gate);
        }
    }

    private static String callOverTls(int port, Path certificate) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            trusted.setCertificateEntry("gate", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(),
                port); OutputStream out = socket.getOutputStream()) {
            out.write("GET /devices/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** OpenShift starts images with a user of its own choice, and the group 0. */
    @Test
    void runsAsAnotherUser(@TempDir Path folder) throws Exception {
        Place place = place(folder).as(1_000_700_000, 0);
        try (ChildGate gate = image.start(entrypoint("-XX:AOTMode=on", AOT), place)) {
            makesCalls(gate, place);
            endsGracefully(gate);
        }
    }

    /** The flags of the image must not make it worse than without: one processor, and a heap of 256 MB. */
    @Test
    void runsInASmallContainerAndObeysJavaToolOptions(@TempDir Path folder) throws Exception {
        Place place = place(folder).with("JAVA_TOOL_OPTIONS",
                "-XX:ActiveProcessorCount=1 -XX:MaxRAM=512m -XX:MaxRAMPercentage=40 -Xlog:gc+init");
        try (ChildGate gate = image.start(entrypoint("-XX:AOTMode=on", AOT), place)) {
            makesCalls(gate, place);
            // G1 is the only collector with regions.
            assertThat(gate.output()).contains(" total, 1 available", "Heap Region Size: 1M",
                    "Heap Max Capacity: 206M");
            endsGracefully(gate);
        }
    }

    /** A heap above 32 GB would have wider references, and the JVM would reject the cache. */
    @Test
    void usesItsAotCacheOnALargeMachine(@TempDir Path folder) throws Exception {
        Place place = place(folder).with("JAVA_TOOL_OPTIONS", "-XX:MaxRAM=512g");
        try (ChildGate gate = image.start(entrypoint("-XX:AOTMode=on", AOT), place)) {
            assertThat(gate.port()).isPositive();
            endsGracefully(gate);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:-UseG1GC -XX:+UseSerialGC", "-XX:-UseG1GC -XX:+UseParallelGC",
            "-XX:-UseG1GC -XX:+UseZGC"})
    void startsWithAnotherCollector(String options, @TempDir Path folder) throws Exception {
        Place place = place(folder).with("JAVA_TOOL_OPTIONS", options);
        try (ChildGate gate = image.start(place)) {
            makesCalls(gate, place);
            assertThat(UnpackedImage.stop(gate)).as(gate.output()).isEqualTo(ENDED_BY_SIGTERM);
        }
    }

    @Test
    void startsWithoutItsAotCache(@TempDir Path folder) throws Exception {
        Place place = place(folder);
        try (ChildGate gate = image.start(entrypoint("-XX:AOTCache=/app/missing.aot"), place)) {
            makesCalls(gate, place);
            assertThat(gate.output()).contains(HINT);
            assertThat(UnpackedImage.stop(gate)).as(gate.output()).isEqualTo(ENDED_BY_SIGTERM);
        }
    }

    @Test
    void startsWithABrokenAotCache(@TempDir Path folder) throws Exception {
        Place place = place(folder);
        byte[] cache = Files.readAllBytes(UnpackedImage.ROOT.resolve(ImageRoot.AOT));
        Path broken = place.configuration().resolve("broken.aot");
        Files.write(broken, Arrays.copyOf(cache, cache.length / 2));
        try (ChildGate gate = image.start(entrypoint("-XX:AOTCache=/app/config/broken.aot"), place)) {
            makesCalls(gate, place);
            assertThat(gate.output()).contains("The AOT cache has been truncated.", HINT);
            assertThat(UnpackedImage.stop(gate)).as(gate.output()).isEqualTo(ENDED_BY_SIGTERM);
        }
    }

    @Test
    void startsWithJarsOfAnotherTime(@TempDir Path folder) throws Exception {
        Place place = place(folder);
        Path jar = UnpackedImage.ROOT.resolve("app/postern.jar");
        FileTime time = Files.getLastModifiedTime(jar);
        try {
            Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
            try (ChildGate gate = image.start(place)) {
                makesCalls(gate, place);
                assertThat(gate.output()).contains("'/app/postern.jar', timestamp has changed", HINT);
                assertThat(UnpackedImage.stop(gate)).as(gate.output()).isEqualTo(ENDED_BY_SIGTERM);
            }
        } finally {
            Files.setLastModifiedTime(jar, time);
        }
    }
}
