package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.DenyReason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenTimesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final TokenTimes TIMES = new TokenTimes(Duration.ofSeconds(60), Duration.ofSeconds(3600));

    /** Claims whose times are this many seconds from now; a hyphen stands for a missing claim. */
    private static Claims claims(String exp, String nbf, String iat) {
        String json = "{\"sub\":\"lamp-1\"" + member("exp", exp) + member("nbf", nbf) + member("iat", iat) + "}";
        return Claims.read(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String member(String claim, String seconds) {
        return seconds.equals("-")
                ? ""
                : ",\"" + claim + "\":" + NOW.plusMillis(Math.round(Double.parseDouble(seconds) * 1000)).toEpochMilli()
                        / 1000.0;
    }

    @ParameterizedTest(name = "exp {0}, nbf {1}, iat {2}")
    @CsvSource({
            // just before the skew has passed
            "-59.999, -, -", "-59, -, -", "0, -, -", "600, -, -",
            // just within the skew
            "600, 60, -", "600, -, 60", "600, 60, 60", "600, -600, -600",
            // as long as it may be: from when it was made, and from now
            "3600, -, 0", "3540, -, -60", "3660, -, -", "3660, -, 60", "0, -, -3600", "-59, -, -3659",
            // nbf after exp, which is not refused: it is the maker's own mistake
            "10, 50, -"})
    void counts(String exp, String nbf, String iat) {
        Instant until = TIMES.check(claims(exp, nbf, iat), NOW);

        assertThat(until).isEqualTo(NOW.plusMillis(Math.round(Double.parseDouble(exp) * 1000)).plusSeconds(60));
    }

    @ParameterizedTest(name = "exp {0}, nbf {1}, iat {2}: {3}")
    @CsvSource({"-60, -, -, token_expired", "-60.001, -, -, token_expired", "-3600, -, -, token_expired",
            "-60, 0, 0, token_expired",
            // a token that has expired and is not valid yet is refused as expired
            "-60, 600, 600, token_expired",
            "600, 60.001, -, token_not_yet_valid", "600, 61, -, token_not_yet_valid",
            "600, -, 60.001, token_not_yet_valid", "600, 61, 0, token_not_yet_valid",
            "600, 0, 61, token_not_yet_valid", "9999999, -, 9999000, token_not_yet_valid",
            // without iat, and with an iat in the future that the skew forgives
            "3660.001, -, -, token_lifetime_too_long", "3661, -, 60, token_lifetime_too_long",
            // the skew does not make a life longer
            "3600.001, -, 0, token_lifetime_too_long", "3541, -, -60, token_lifetime_too_long",
            "1, -, -3600, token_lifetime_too_long", "-59, -, -3660, token_lifetime_too_long",
            "600, -, -1767225600, token_lifetime_too_long",
            "-, -, -, token_claim_invalid", "-, 0, 0, token_claim_invalid"})
    void doesNotCount(String exp, String nbf, String iat, String reason) {
        RefusedTokenException refusal = Tokens.refusal(() -> TIMES.check(claims(exp, nbf, iat), NOW));

        assertThat(refusal.reason().word()).isEqualTo(reason);
    }

    @Test
    void explainsWhatIsWrong() {
        assertThat(Tokens.refusal(() -> TIMES.check(claims("-60", "-", "-"), NOW)).detail())
                .isEqualTo("The token expired at 2025-12-31T23:59:00Z.");
        assertThat(Tokens.refusal(() -> TIMES.check(claims("600", "61", "-"), NOW)).detail())
                .isEqualTo("The claim nbf is 2026-01-01T00:01:01Z, which is in the future.");
        assertThat(Tokens.refusal(() -> TIMES.check(claims("3661", "-", "-"), NOW)).detail())
                .isEqualTo("The token is valid until 2026-01-01T01:01:01Z, longer than the allowed PT1H.");
    }

    @Test
    void worksWithoutSkew() {
        TokenTimes strict = new TokenTimes(Duration.ZERO, Duration.ofSeconds(1));

        assertThat(strict.check(claims("0.001", "0", "0"), NOW)).isEqualTo(NOW.plusMillis(1));
        assertThat(strict.check(claims("1", "0", "0"), NOW)).isEqualTo(NOW.plusSeconds(1));
        assertThat(Tokens.refusal(() -> strict.check(claims("0", "-", "-"), NOW)).reason())
                .isEqualTo(DenyReason.TOKEN_EXPIRED);
        assertThat(Tokens.refusal(() -> strict.check(claims("1", "0.001", "-"), NOW)).reason())
                .isEqualTo(DenyReason.TOKEN_NOT_YET_VALID);
    }

    @Test
    void usesTheGivenTime() {
        Claims claims = claims("600", "-", "0");

        assertThat(TIMES.check(claims, NOW.plusSeconds(659))).isEqualTo(NOW.plusSeconds(660));
        assertThat(Tokens.refusal(() -> TIMES.check(claims, NOW.plusSeconds(660))).reason())
                .isEqualTo(DenyReason.TOKEN_EXPIRED);
        assertThat(TIMES.check(claims, NOW.minusSeconds(60))).isEqualTo(NOW.plusSeconds(660));
        assertThat(Tokens.refusal(() -> TIMES.check(claims, NOW.minusMillis(60_001))).reason())
                .isEqualTo(DenyReason.TOKEN_NOT_YET_VALID);
    }
}
