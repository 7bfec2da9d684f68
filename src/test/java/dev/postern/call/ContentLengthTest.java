package dev.postern.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;

class ContentLengthTest {
    @ParameterizedTest
    @CsvSource({"200, 200", "0200, 200", "00000000000000000000000000200, 200", "0, 0", "000, 0", "' 5 ', 5",
            "'5, 5', 5",
            "'05,5', 5", "999999999999999999, 999999999999999999"})
    void isAPlainDecimal(String sent, String written) {
        assertThat(normalized(sent)).containsExactly(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "+5", "-5", "0x5", "5, 6", "5,", ",5", "5 5", "5.0", "1e1", "5;x",
            "1000000000000000000", "\u0665"})
    void isOmittedIfItIsAmbiguous(String sent) {
        assertThat(normalized(sent)).isEmpty();
    }

    @Test
    void isTakenFromIdenticalValues() {
        assertThat(normalized("5", "05")).containsExactly("5");
        assertThat(normalized("5", "50")).isEmpty();
        assertThat(normalized()).isEmpty();
    }

    private static List<String> normalized(String... values) {
        HttpHeaders headers = new HttpHeaders();
        for (String value : values) {
            headers.add(HttpHeaders.CONTENT_LENGTH, value);
        }
        ContentLength.normalize(headers);
        return headers.getOrDefault(HttpHeaders.CONTENT_LENGTH, List.of());
    }
}
