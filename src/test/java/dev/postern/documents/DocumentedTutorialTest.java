package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.ChildGate;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The lines of the tutorial and of the README, pasted into a shell beside a gate at its first start, get the answers
 * that these pages show.
 */
@OwnsItsGate
@Order(3)
class DocumentedTutorialTest {
    @TempDir
    Path folder = Path.of("");

    private ChildGate firstStart() {
        return new ChildGate(List.of("-Xmx256m"), List.of("--postern.data-dir=" + folder.resolve("data")));
    }

    @Test
    @LongTest
    void leadsFromTheFirstStartToARevokedKey() throws IOException {
        try (ChildGate gate = firstStart()) {
            assertThat(new PastedPage(Path.of("docs/tutorial/first-hour.md")).paste(folder, gate.port(),
                    gate.managementPort())).isEqualTo(16);
        }
    }

    @Test
    void isShortEnoughForFiveMinutesInTheReadme() throws IOException {
        try (ChildGate gate = firstStart()) {
            assertThat(new PastedPage(Path.of("README.md")).paste(folder, gate.port(), gate.managementPort()))
                    .isBetween(3, 10);
        }
    }
}
