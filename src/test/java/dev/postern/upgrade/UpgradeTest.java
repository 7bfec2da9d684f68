package dev.postern.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.NeedsTheImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Runs {@code loadtest/upgrade} for some seconds with the same jar on both sides. This shows that gates in one fleet
 * answer rightly while they are replaced, and that the tool works. It does not show that two versions fit together.
 */
@NeedsTheImage
class UpgradeTest {
    @Test
    void answersRightlyWhileGatesAreReplaced() throws Exception {
        Path jar = jar();

        Tally tally = new UpgradeRun(jar, jar, Duration.ofSeconds(5), 100, 3, 4).run();

        assertThat(tally.isClean()).as(tally.table()).isTrue();
    }

    private static Path jar() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            return files.filter(file -> file.getFileName().toString().matches("postern-.*\\.jar")).findFirst()
                    .orElseThrow();
        }
    }
}
