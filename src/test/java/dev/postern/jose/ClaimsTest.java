package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.DenyReason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimsTest {
    private static Claims claims(String json) {
        return Claims.read(json.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertIsWrong(ThrowingCallable reading, String detail) {
        RefusedTokenException refusal = Tokens.refusal(reading);
        assertThat(refusal.reason()).isEqualTo(DenyReason.TOKEN_CLAIM_INVALID);
        assertThat(refusal.detail()).isEqualTo(detail);
    }

    @Test
    void readsStrings() {
        Claims claims = claims("{\"sub\":\"lamp-1\",\"name\":\"Gr\u00fc\u00dfe \ud83d\udd11\",\"empty\":\"\"}");

        assertThat(claims.string("sub")).contains("lamp-1");
        assertThat(claims.requireString("name")).isEqualTo("Gr\u00fc\u00dfe \ud83d\udd11");
        assertThat(claims.string("empty")).contains("");
        assertThat(claims.string("iss")).isEmpty();
    }

    @Test
    void tellsNullAndOtherKindsFromAStringThatIsMissing() {
        for (String value : List.of("null", "1", "true", "{}", "[\"lamp-1\"]")) {
            Claims claims = claims("{\"sub\":" + value + "}");

            assertIsWrong(() -> claims.string("sub"), "The claim sub is not a string.");
            assertIsWrong(() -> claims.requireString("sub"), "The claim sub is not a string.");
        }
        assertIsWrong(() -> claims("{}").requireString("sub"), "The claim sub is missing.");
        assertIsWrong(() -> claims("{\"sub\":\"\"}").requireString("sub"), "The claim sub is missing.");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"0, 1970-01-01T00:00:00Z", "1767225600, 2026-01-01T00:00:00Z",
            "1767225600.0, 2026-01-01T00:00:00Z", "1767225600.25, 2026-01-01T00:00:00.250Z",
            "1.7672256e9, 2026-01-01T00:00:00Z", "17672256E+2, 2026-01-01T00:00:00Z",
            "1e-400, 1970-01-01T00:00:00Z", "-0, 1970-01-01T00:00:00Z",
            "253402300799, 9999-12-31T23:59:59Z"})
    void readsSecondsSince1970WithOrWithoutAFraction(String number, Instant time) {
        Claims claims = claims("{\"exp\":" + number + "}");

        assertThat(claims.time("exp")).contains(time);
        assertThat(claims.requireTime("exp")).isEqualTo(time);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "\"1767225600\"", "\"2026-01-01T00:00:00Z\"", "{}", "[1767225600]", "-1",
            "-0.001", "1e400", "-1e400", "1e999999999", "1e9999999999", "253402300799.001", "253402300800",
            "1767225600000", "9223372036854775807", "18446744073709551616", "1e308"})
    void refusesATimeThatIsNotInSeconds(String value) {
        Claims claims = claims("{\"exp\":" + value + "}");

        assertIsWrong(() -> claims.time("exp"), "The claim exp is not a number of seconds since 1970.");
        assertIsWrong(() -> claims.requireTime("exp"), "The claim exp is not a number of seconds since 1970.");
    }

    @Test
    void tellsThatATimeIsMissing() {
        assertThat(claims("{}").time("exp")).isEmpty();
        assertIsWrong(() -> claims("{}").requireTime("exp"), "The claim exp is missing.");
    }

    @Test
    void readsSeveralValuesFromAListOrFromOneString() {
        Claims claims = claims(
                "{\"aud\":[\"a\",\"b c\",\"\"],\"scope\":\" read  write \",\"one\":\"read write\",\"none\":[]}");

        assertThat(claims.strings("aud", false)).contains(List.of("a", "b c", ""));
        assertThat(claims.strings("aud", true)).contains(List.of("a", "b c", ""));
        assertThat(claims.strings("scope", true)).contains(List.of("read", "write"));
        assertThat(claims.strings("one", false)).contains(List.of("read write"));
        assertThat(claims.strings("none", true)).contains(List.of());
        assertThat(claims.strings("missing", true)).isEmpty();
    }

    @Test
    void refusesSeveralValuesOfAnotherKind() {
        for (String value : List.of("null", "1", "true", "{}", "{\"a\":\"b\"}")) {
            assertIsWrong(() -> claims("{\"aud\":" + value + "}").strings("aud", false),
                    "The claim aud is neither a string nor a list of them.");
        }
        for (String entry : List.of("null", "1", "[\"a\"]", "{}")) {
            assertIsWrong(() -> claims("{\"aud\":[\"a\"," + entry + "]}").strings("aud", true),
                    "The claim aud holds what is not a string.");
        }
    }

    @Test
    void takesAThousandValuesAndNoMore() {
        String thousand = IntStream.range(0, 1000).mapToObj(i -> "\"" + i + "\"").collect(Collectors.joining(","));

        assertThat(claims("{\"aud\":[" + thousand + "]}").strings("aud", false).orElseThrow()).hasSize(1000);
        assertThat(claims("{\"scope\":\"" + "a ".repeat(999) + "a\"}").strings("scope", true).orElseThrow())
                .hasSize(1000);
        assertIsWrong(() -> claims("{\"aud\":[" + thousand + ",\"x\"]}").strings("aud", false),
                "The claim aud holds more than 1000 values.");
        assertIsWrong(() -> claims("{\"scope\":\"" + "a ".repeat(1000) + "a\"}").strings("scope", true),
                "The claim scope holds more than 1000 values.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "[]", "\"lamp-1\"", "{\"sub\":\"a\",\"sub\":\"a\"}", "{} x", "{}{}",
            "{\"sub\":}", "{'sub':'a'}", "\ufeff{}"})
    void areAnObjectAndNothingElse(String json) {
        RefusedTokenException refusal = Tokens.refusal(() -> claims(json));

        assertThat(refusal.reason()).isEqualTo(DenyReason.TOKEN_MALFORMED);
        assertThat(refusal.detail()).isEqualTo("The payload is not a JSON object without a member twice.");
    }

    @Test
    void mayBeNestedInModeration() {
        assertThat(claims("{\"x\":" + "[".repeat(15) + "]".repeat(15) + "}").string("sub")).isEmpty();
        assertThat(Tokens.refusal(() -> claims("{\"x\":" + "[".repeat(16) + "]".repeat(16) + "}")).reason())
                .isEqualTo(DenyReason.TOKEN_MALFORMED);
    }
}
