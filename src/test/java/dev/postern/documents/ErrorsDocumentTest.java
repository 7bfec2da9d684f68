package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.DenyReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/errors.md} says what the code says. */
class ErrorsDocumentTest {
    @Test
    void listsEveryReasonAccurately() throws IOException {
        List<String> documented = Files.readAllLines(Path.of("docs/reference/errors.md")).stream()
                .filter(line -> line.matches("\\| `[a-z_]+` \\| \\d{3} \\| .* \\| [ED]\\d{4,5} \\| \\d{5} \\| .*"))
                .toList();

        assertThat(documented)
                .containsExactlyElementsOf(Arrays.stream(DenyReason.values()).map(reason -> "| `" + reason.word()
                        + "` | " + reason.status() + " | " + switch (reason.oauthError()) {
                            case NONE, BARE -> "—";
                            case INVALID_REQUEST, INVALID_TOKEN, INSUFFICIENT_SCOPE ->
                                reason.oauthError().word();
                        } + " | " + reason.code() + " | " + reason.errno() + " | " + reason.text() + " |").toList());
    }
}
