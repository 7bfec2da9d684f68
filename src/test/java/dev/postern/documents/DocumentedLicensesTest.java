package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.LicensedGate;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines in {@code docs/how-to/license-devices.md}, pasted into one shell, get the answers that the page shows. */
@UsesSharedGate
class DocumentedLicensesTest {
    private static final TestGate GATE = LicensedGate.GATE;

    @TempDir
    Path folder = Path.of("");

    @Test
    void areAnsweredAsDocumented() throws IOException {
        Files.writeString(Files.createDirectory(folder.resolve("data")).resolve("operator-token"),
                TestGate.OPERATOR_TOKEN);

        assertThat(new PastedPage(Path.of("docs/how-to/license-devices.md")).paste(folder, GATE.port(),
                GATE.managementPort())).isGreaterThan(15);
    }
}
