package dev.postern.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.documents.PastedPage;
import dev.postern.support.LicensedGate;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** The lines in {@code docs/how-to/operate.md}, pasted into one shell, get the answers that the page shows. */
@UsesSharedGate
class DocumentedOperationTest {
    private static final TestGate GATE = LicensedGate.GATE;

    @TempDir
    Path folder = Path.of("");

    @Test
    void isAnsweredAsDocumented() throws IOException {
        Prometheus.require("promtool");
        Files.writeString(Files.createDirectory(folder.resolve("data")).resolve("operator-token"),
                TestGate.OPERATOR_TOKEN);
        FileSystemUtils.copyRecursively(Path.of("config"), folder.resolve("config"));

        assertThat(new PastedPage(Path.of("docs/how-to/operate.md")).paste(folder, GATE.port(), GATE.managementPort()))
                .isGreaterThan(8);
    }
}
