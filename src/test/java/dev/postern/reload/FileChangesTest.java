package dev.postern.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gate whose settings are in a folder like a mounted ConfigMap: files are links into a folder that is replaced. */
@OwnsItsGate
class FileChangesTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder = Path.of("");

    private int versions;

    /** Replaces all files at once, as the kubelet does. */
    private void mount(String yaml) throws IOException {
        Path version = Files.createDirectory(folder.resolve("..version-" + ++versions));
        Files.writeString(version.resolve("application.yml"), yaml);
        Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), version.getFileName());
        Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String apis(RecordingBackend backend, String name) {
        return "postern:\n  backend: " + backend.address() + "\n  apis:\n    mounted:\n      operations:\n"
                + "        - call: GET /" + name + "/{device}\n";
    }

    @Test
    void reloadsWhenFilesAreReplacedAndWhenItIsHungUp() throws Exception {
        try (RecordingBackend backend = new RecordingBackend()) {
            mount(apis(backend, "first"));
            Files.createSymbolicLink(folder.resolve("application.yml"), Path.of("..data", "application.yml"));
            try (TestGate gate = TestGate.start("spring.config.additional-location=file:" + folder + "/",
                    "postern.reload.interval=100ms")) {
                String key = gate.newCustomer().masterKey();
                assertThat(gate.call(key, "GET", "/first/lamp").status()).isEqualTo(200);

                mount(apis(backend, "second"));
                await().atMost(LIMIT).until(() -> gate.call(key, "GET", "/second/lamp").status() == 200);
                assertThat(gate.call(key, "GET", "/first/lamp").reason()).isEqualTo("operation_unknown");

                mount(apis(backend, "third").replace("GET", "LOOK"));
                await().atMost(LIMIT).until(() -> metric(gate, "refused") >= 1);
                assertThat(gate.call(key, "GET", "/second/lamp").status()).isEqualTo(200);
                mount(apis(backend, "third"));
                await().atMost(LIMIT).until(() -> gate.call(key, "GET", "/third/lamp").status() == 200);

                double before = metric(gate, "unchanged");
                new ProcessBuilder("kill", "-HUP", Long.toString(ProcessHandle.current().pid())).start().waitFor();
                await().atMost(LIMIT).until(() -> metric(gate, "unchanged") > before);

                sharesOneReloadBetweenRequests(gate);
            }
        }
    }

    private static void sharesOneReloadBetweenRequests(TestGate gate) {
        Reloads reloads = gate.context().getBean(Reloads.class);
        double before = metric(gate, "unchanged");
        List<CompletableFuture<ReloadReport>> requests = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            requests.add(reloads.request("a test"));
        }
        assertThat(requests).allSatisfy(
                request -> assertThat(request.join().outcome()).isEqualTo(ReloadReport.Outcome.UNCHANGED));
        assertThat(metric(gate, "unchanged") - before).isBetween(1.0, 100.0);
    }

    private static double metric(TestGate gate, String outcome) {
        String name = "postern_config_reloads_total{outcome=\"" + outcome + "\"} ";
        return RawHttp.call(gate.managementPort(), "GET", "/actuator/prometheus", "").text().lines()
                .filter(line -> line.startsWith(name)).map(line -> Double.parseDouble(line.substring(name.length())))
                .findFirst().orElse(0.0);
    }
}
