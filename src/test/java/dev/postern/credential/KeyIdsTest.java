package dev.postern.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.store.SecretKeys;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyIdsTest {
    @TempDir
    private static Path folder;

    @Test
    void recognizesItsOwn() {
        KeyIds ids = of("one");
        String id = ids.next();

        assertThat(id).matches("[A-Za-z0-9_-]{22}");
        assertThat(ids.index(id)).get().asString().hasSize(43);
        assertThat(of("one").index(id)).as("after a start anew").isEqualTo(ids.index(id));
    }

    @Test
    void neverRepeatsOne() {
        KeyIds ids = of("one");

        assertThat(IntStream.range(0, 1000).mapToObj(_ -> ids.next())).doesNotHaveDuplicates();
    }

    @Test
    void rejectsAlteredOnes() {
        KeyIds ids = of("one");
        String id = ids.next();

        for (int i = 0; i < id.length(); i++) {
            char other = id.charAt(i) == 'A' ? 'B' : 'A';
            assertThat(ids.index(id.substring(0, i) + other + id.substring(i + 1))).as("at %d", i).isEmpty();
        }
        assertThat(ids.index(id.substring(1))).isEmpty();
        assertThat(ids.index(id + "A")).isEmpty();
        assertThat(ids.index(id.substring(0, 14))).as("without its end").isEmpty();
    }

    @Test
    void rejectsThoseOfOtherSecretKeys() {
        assertThat(of("one").index(of("two").next())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "AAAAAAAAAAAAAAAAAAAAAA", "äöüäöüäöüäöüäöüäöüäöüä"})
    void rejectsInventedOnes(String id) {
        assertThat(of("one").index(id)).isEmpty();
    }

    private static KeyIds of(String gate) {
        return new KeyIds(SecretKeys.load(folder.resolve(gate), true));
    }
}
