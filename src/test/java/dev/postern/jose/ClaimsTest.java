package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    void distinguishesWrongTypesFromMissingStrings() {
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
    void reportsAMissingTime() {
        assertThat(claims("{}").time("exp")).isEmpty();
        assertIsWrong(() -> claims("{}").requireTime("exp"), "The claim exp is missing.");
    }

    @Test
    void readsSeveralValuesFromAListOrAString() {
        Claims claims = claims(
                "{\"aud\":[\"a\",\"b c\",\"\"],\"scope\":\" read  write \",\"one\":\"read write\",\"none\":[]}");

        assertThat(claims.strings("aud")).contains(List.of("a", "b c", ""));
        assertThat(claims.wordsAt("aud")).contains(List.of("a", "b c", ""));
        assertThat(claims.wordsAt("scope")).contains(List.of("read", "write"));
        assertThat(claims.strings("one")).contains(List.of("read write"));
        assertThat(claims.wordsAt("none")).contains(List.of());
        assertThat(claims.wordsAt("missing")).isEmpty();
        assertThat(claims.strings("missing")).isEmpty();
    }

    @Test
    void refusesSeveralValuesOfAnotherType() {
        for (String value : List.of("null", "1", "true", "{}", "{\"a\":\"b\"}", "[\"a\",null]", "[\"a\",1]",
                "[\"a\",[\"a\"]]", "[{}]")) {
            assertIsWrong(() -> claims("{\"aud\":" + value + "}").strings("aud"),
                    "The claim aud is neither a string nor a list of strings.");
            assertIsWrong(() -> claims("{\"aud\":" + value + "}").wordsAt("aud"),
                    "The claim aud is neither a string nor a list of strings.");
        }
    }

    @Test
    void acceptsUpToAThousandValues() {
        String thousand = IntStream.range(0, 1000).mapToObj(i -> "\"" + i + "\"").collect(Collectors.joining(","));

        assertThat(claims("{\"aud\":[" + thousand + "]}").strings("aud").orElseThrow()).hasSize(1000);
        assertThat(claims("{\"scope\":\"" + "a ".repeat(999) + "a\"}").wordsAt("scope").orElseThrow())
                .hasSize(1000);
        assertIsWrong(() -> claims("{\"aud\":[" + thousand + ",\"x\"]}").strings("aud"),
                "The claim aud has more than 1000 values.");
        assertIsWrong(() -> claims("{\"aud\":[" + thousand + ",1]}").idsAt("aud"),
                "The claim aud has more than 1000 values.");
        assertIsWrong(() -> claims("{\"scope\":\"" + "a ".repeat(1000) + "a\"}").wordsAt("scope"),
                "The claim scope has more than 1000 values.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"lamp | lamp", "realm_access.roles | nested", "a.b | whole name",
            "https://example.com/tenant | url", "https://example.com/app.roles | in a url",
            "resource_access.my.client.roles | in a name with a dot", "x.y.z | longest name", "tenant.id.value | deep"})
    void findsAClaimByItsNameOrByItsPath(String path, String expected) {
        Claims claims = claims("""
                {"lamp":"lamp","realm_access":{"roles":"nested"},"a":{"b":"path"},"a.b":"whole name",
                 "https://example.com/tenant":"url","https://example.com/app":{"roles":"in a url"},
                 "resource_access":{"my":{"other":"x"},"my.client":{"roles":"in a name with a dot"}},
                 "x":{"y":{"z":"shorter"},"y.z":"short"},"x.y":{"z":"longest name"},
                 "tenant":{"id":{"value":"deep"}}}""");

        assertThat(claims.requireIdAt(path)).isEqualTo(expected);
        assertThat(claims.wordsAt(path)).contains(List.of(expected.split(" ")));
        assertThat(claims.idsAt(path)).contains(List.of(expected.split(" ")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a.", ".a", "a..b", "a.b.", "a.c", "a.b.c", "c", "list.0", "list.id",
            "text.length",
            "n.x", "A.b"})
    void findsNothingAtAMissingPath(String path) {
        Claims claims = claims("{\"a\":{\"b\":\"x\"},\"list\":[{\"id\":\"x\"}],\"text\":\"x\",\"n\":null}");

        assertThat(claims.wordsAt(path)).isEmpty();
        assertThat(claims.idsAt(path)).isEmpty();
        assertIsWrong(() -> claims.requireIdAt(path), "The claim " + path + " is missing.");
    }

    /** {@code "exp"} in an object is not the token's. */
    @Test
    void findsRegisteredClaimsByTheirNameOnly() {
        Claims claims = claims("{\"a\":{\"exp\":1,\"sub\":\"x\",\"aud\":\"y\"}}");

        assertThat(claims.time("a.exp")).isEmpty();
        assertThat(claims.string("a.sub")).isEmpty();
        assertThat(claims.strings("a.aud")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0,0", "-0,0", "39593230,39593230", "9007199254740992,9007199254740992", "'\"0815\"',0815"})
    void readsIdsThatAreWholeNumbers(String json, String id) {
        Claims claims = claims("{\"one\":" + json + ",\"many\":[\"lamp\"," + json + "]}");

        assertThat(claims.requireIdAt("one")).isEqualTo(id);
        assertThat(claims.idsAt("one")).contains(List.of(id));
        assertThat(claims.idsAt("many")).contains(List.of("lamp", id));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9007199254740993", "-1", "1.0", "1e3", "1E0", "18446744073709551616", "true", "null",
            "{}"})
    void refusesAmbiguousIds(String json) {
        Claims claims = claims("{\"one\":" + json + ",\"many\":[\"lamp\"," + json + "],\"deep\":[[1]]}");

        for (ThrowingCallable read : List.<ThrowingCallable>of(() -> claims.requireIdAt("one"),
                () -> claims.idsAt("one"))) {
            assertIsWrong(read, "The claim one has an ID that is neither a string nor a whole number from 0 to "
                    + "9007199254740992.");
        }
        assertThatThrownBy(() -> claims.idsAt("many")).isInstanceOf(RefusedTokenException.class);
        assertThatThrownBy(() -> claims.idsAt("deep")).isInstanceOf(RefusedTokenException.class);
    }

    @Test
    void requiresANonEmptyId() {
        assertIsWrong(() -> claims("{\"account\":\"\"}").requireIdAt("account"), "The claim account is empty.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "[]", "\"lamp-1\"", "{\"sub\":\"a\",\"sub\":\"a\"}", "{} x", "{}{}",
            "{\"sub\":}", "{'sub':'a'}", "\ufeff{}"})
    void mustBeAnObject(String json) {
        RefusedTokenException refusal = Tokens.refusal(() -> claims(json));

        assertThat(refusal.reason()).isEqualTo(DenyReason.TOKEN_MALFORMED);
        assertThat(refusal.detail()).isEqualTo("The payload is not a JSON object without repeated members.");
    }

    @Test
    void limitTheirNesting() {
        assertThat(claims("{\"x\":" + "[".repeat(15) + "]".repeat(15) + "}").string("sub")).isEmpty();
        assertThat(Tokens.refusal(() -> claims("{\"x\":" + "[".repeat(16) + "]".repeat(16) + "}")).reason())
                .isEqualTo(DenyReason.TOKEN_MALFORMED);
    }
}
