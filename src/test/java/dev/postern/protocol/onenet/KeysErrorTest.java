package dev.postern.protocol.onenet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.DenyReason;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KeysErrorTest {
    /** Replies of {@code /keys} carry numbers of both kinds in the same member. */
    @Test
    void sharesNoNumberWithADenyReason() {
        assertThat(Stream.concat(Arrays.stream(KeysError.values()).map(KeysError::errno),
                Arrays.stream(DenyReason.values()).map(DenyReason::errno))).doesNotHaveDuplicates();
    }
}
