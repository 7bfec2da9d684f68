package dev.postern.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderNamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"_", ".", "~", "!", "#", "$", "%", "&", "'", "*", "+", "^", "`", "|", "\u00e9", " "})
    void foldsEveryCharacterOfANameIntoAHyphen(String character) {
        String name = "X" + character + "Real" + character + "IP";

        assertThat(HeaderNames.folded(name)).isEqualTo("x-real-ip");
        assertThat(HeaderNames.isPlain(name)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"X-Real-IP, x-real-ip", "x-REAL-ip, x-real-ip", "ETag, etag", "HTTP2-Settings, http2-settings"})
    void leavesPlainNamesUnchangedExceptForTheirCase(String name, String folded) {
        assertThat(HeaderNames.folded(name)).isEqualTo(folded);
        assertThat(HeaderNames.isPlain(name)).isTrue();
    }
}
