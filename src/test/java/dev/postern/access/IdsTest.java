package dev.postern.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "0", "-", "_", "~", ":", "...", ".a", "A.b_c:d~e-9", "39593230_1503372720_1"})
    void acceptsLettersDigitsAndSomePunctuation(String text) {
        assertThat(DeviceId.isValid(text)).isTrue();
        assertThat(new DeviceId(text)).hasToString(text);
    }

    @ParameterizedTest
    @MethodSource("outsideOfTheAlphabet")
    void refusesEverythingElse(String text) {
        assertThat(DeviceId.isValid(text)).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> new DeviceId(text))
                .withMessage("device ID must be 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -");
    }

    static Stream<String> outsideOfTheAlphabet() {
        return Stream.of("", ".", "..", "a b", " a", "a/b", "a\\b", "a%20", "a,b", "a;b", "a=b", "a?b", "a#b", "a\0",
                "a\n", "a{b}", "a*", "é", "１", "ａ", "a".repeat(129));
    }

    @ParameterizedTest
    @MethodSource("typesOfIds")
    void limitsEveryTypeToTheSameLength(Function<String, Object> id) {
        assertThat(id.apply("a".repeat(128))).hasToString("a".repeat(128));
        assertThatIllegalArgumentException().isThrownBy(() -> id.apply("a".repeat(129)));
    }

    static Stream<Function<String, Object>> typesOfIds() {
        return Stream.of(DeviceId::new, StreamId::new, AccountId::new, ApiId::new, CredentialId::new);
    }
}
