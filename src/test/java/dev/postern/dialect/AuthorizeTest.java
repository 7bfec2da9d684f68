package dev.postern.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.MovedGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestApplication;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code /httpapi/authorize.do} as terminals of Lingju call it. */
@UsesSharedGate
class AuthorizeTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String PATH = "/httpapi/authorize.do";
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded; charset=UTF-8";

    private final TestApplication software = TestApplication.software(GATE);

    @Test
    void givesATerminalATokenForItsOwnDeviceOnly() {
        long before = Instant.now().toEpochMilli();

        Reply reply = software.authorize("lamp7", "");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json;charset=UTF-8");
        assertThat(reply.header("Content-Length")).isEqualTo(Integer.toString(reply.body().length));
        assertThat(reply.header("Transfer-Encoding")).isEmpty();
        JsonNode json = reply.json();
        assertThat(json.propertyNames()).containsExactly("description", "data", "status");
        assertThat(json.required("description").stringValue()).isEqualTo("success");
        assertThat(json.required("status").intValue()).isZero();
        JsonNode data = json.required("data");
        assertThat(data.propertyNames()).containsExactly("accessToken", "expires", "update", "updated");
        assertThat(data.required("expires").isIntegralNumber()).isTrue();
        assertThat(data.required("expires").intValue()).isEqualTo(90);
        assertThat(data.required("update").longValue()).isBetween(before, Instant.now().toEpochMilli());
        assertThat(data.required("updated").longValue()).isEqualTo(data.required("update").longValue());
        String token = token(reply);
        assertThat(GATE.call(token, "GET", "/devices/lamp7").status()).isEqualTo(200);
        assertThat(GATE.call(token, "POST", "/devices/lamp7/datapoints", "{}").status()).isEqualTo(200);
        assertThat(GATE.call(token, "GET", "/devices/lamp8").reason()).isEqualTo("device_not_permitted");
        assertThat(GATE.call(token, "GET", "/devices").status()).isEqualTo(403);
    }

    @Test
    void limitsATerminalToTheRulesOfItsApplication() {
        TestApplication limited = TestApplication.software(GATE, software.account(),
                "[{\"apis\":[\"datapoints\"],\"actions\":[\"post\"],\"devices\":[\"lamp7\",\"lamp8\"]}]");
        String token = token(limited.authorize("lamp7", ""));
        String stranger = token(limited.authorize("door1", ""));

        assertThat(GATE.call(token, "POST", "/devices/lamp7/datapoints", "{}").status()).isEqualTo(200);
        assertThat(GATE.call(token, "GET", "/devices/lamp7/datapoints").reason()).isEqualTo("action_not_permitted");
        assertThat(GATE.call(token, "GET", "/devices/lamp7").reason()).isEqualTo("api_not_permitted");
        assertThat(GATE.call(token, "POST", "/devices/lamp8/datapoints", "{}").reason())
                .isEqualTo("device_not_permitted");
        assertThat(GATE.call(stranger, "POST", "/devices/door1/datapoints", "{}").reason())
                .isEqualTo("device_not_permitted");
    }

    @Test
    void acceptsParametersInQueryAndForm() {
        String appkey = "appkey=" + software.key();
        for (Reply reply : List.of(
                RawHttp.call(GATE.port(), "GET", PATH + "?" + appkey + "&userid=lamp7", ""),
                RawHttp.call(GATE.port(), "GET", "/" + PATH + "?v=1&v=2&userid=lamp%37&" + appkey + "&authcode", ""),
                RawHttp.call(GATE.port(), "POST", PATH + "?" + appkey + "&userid=lamp7", ""),
                RawHttp.call(GATE.port(), "POST", PATH + "?" + appkey + "&userid=lamp7", "{}",
                        "Content-Type: application/json"),
                RawHttp.call(GATE.port(), "POST", PATH + "?" + appkey + "&userid=lamp7", "{}", FORM),
                RawHttp.call(GATE.port(), "POST", PATH + "?" + appkey + "&userid=lamp7", "userid=other",
                        "Content-Type: text/plain"),
                RawHttp.call(GATE.port(), "POST", PATH, appkey + "&userid=lamp7&authcode=", FORM),
                RawHttp.call(GATE.port(), "POST", PATH + "?" + appkey, "userid=lamp%37&x=%E4%BD%A0", FORM),
                RawHttp.call(GATE.port(), "POST", PATH + "?userid=lamp7&userid=lamp7&" + appkey,
                        appkey + "&userid=lamp7", FORM))) {
            assertThat(token(reply)).isEqualTo(token(software.authorize("lamp7", "")));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"'' | ''", "?appkey=KEY | ''", "?userid=lamp7 | ''",
            "?appkey=&userid=lamp7 | ''", "?appkey=KEY&userid= | ''", "?appkey=KEY&userid=lamp-7 | ''",
            "?appkey=KEY&userid=lamp%207 | ''", "?appkey=KEY&userid=l%C3%A4mp | ''", "?appkey=K%20EY&userid=lamp7 | ''",
            "?appkey=KEY&userid=lamp7&userid=lamp8 | ''", "?appkey=KEY&appkey=other&userid=lamp7 | ''",
            "?appkey=KEY&userid=lamp7 | userid=lamp8", "?appkey=KEY&userid=lamp7 | appkey=",
            "?appkey=KEY&userid=lamp7&authcode=a | authcode=b", "?APPKEY=KEY&userid=lamp7 | ''",
            "?appkey=KEY&userid=lamp7 | x=%zz", "?appkey=KEY&userid=lamp7 | x=%ff", "?appkey=KEY&userid=%ff | ''",
            "?appkey=KEY&userid=lamp7&=x | ''", "?appkey=KEY&userid=lamp7%00 | ''"})
    void refusesParametersThatAreMissingOrMalformedOrThereTwice(String query, String form) {
        assertError(RawHttp.call(GATE.port(), "POST", PATH + query.replace("KEY", software.key()), form, FORM), 8);
    }

    @Test
    void acceptsUserIdsOfUpTo128Characters() {
        assertThat(software.authorize("x".repeat(128), "").json().required("status").intValue()).isZero();
        assertError(software.authorize("x".repeat(129), ""), 8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE", "PATCH", "OPTIONS"})
    void acceptsOnlyGetAndPost(String method) {
        assertError(RawHttp.call(GATE.port(), method, PATH + "?appkey=" + software.key() + "&userid=lamp7", ""), 8);
    }

    @Test
    void refusesABodyThatIsTooLarge() {
        for (String type : List.of(FORM, "Content-Type: application/json")) {
            assertError(RawHttp.call(GATE.port(), "POST", PATH + "?appkey=" + software.key() + "&userid=lamp7",
                    "x".repeat(17_000), type), 8);
        }
    }

    @Test
    void explainsWhatIsWrongWithTheApplicationOrItsAuthcode() {
        TestApplication hardware = TestApplication.hardware(GATE);
        String code = hardware.newAuthcode(1, Optional.empty());

        assertError(RawHttp.call(GATE.port(), "GET", PATH + "?appkey=wrong&userid=lamp7", ""), 6);
        assertError(RawHttp.call(GATE.port(), "GET", PATH + "?appkey=" + software.secret() + "&userid=lamp7", ""), 6);
        assertError(hardware.authorize("lamp7", ""), 8);
        assertError(hardware.authorize("lamp7", "wrong"), 11);
        assertError(hardware.authorize("lamp7", TestApplication.hardware(GATE).newAuthcode(1, Optional.empty())), 11);
        assertThat(hardware.used(code)).isZero();
        String token = token(hardware.authorize("lamp7", code));
        assertThat(hardware.used(code)).isEqualTo(1);
        assertError(hardware.authorize("lamp8", code), 121);
        assertThat(token(hardware.authorize("lamp7", code))).isEqualTo(token);

        hardware.enable(false);
        assertError(hardware.authorize("lamp7", code), 43);
        assertThat(GATE.call(token, "GET", "/devices/lamp7").reason()).isEqualTo("credential_invalid");
        hardware.enable(true);
        assertThat(GATE.call(token, "GET", "/devices/lamp7").status()).isEqualTo(200);
        hardware.delete();
        assertError(hardware.authorize("lamp7", code), 6);
        assertThat(GATE.call(token, "GET", "/devices/lamp7").reason()).isEqualTo("credential_invalid");
    }

    @Test
    void ignoresTheAuthcodeOfASoftwareApplication() {
        assertThat(token(software.authorize("lamp7", "nonsense"))).isEqualTo(token(software.authorize("lamp7", "")));
    }

    @Test
    void revokesTheTokensOfADeletedAuthcode() {
        TestApplication hardware = TestApplication.hardware(GATE);
        String code = hardware.newAuthcode(2, Optional.empty());
        String other = hardware.newAuthcode(2, Optional.empty());
        String token = token(hardware.authorize("lamp7", code));
        String kept = token(hardware.authorize("lamp8", other));

        assertThat(hardware.deleteAuthcode(code)).isTrue();

        assertThat(GATE.call(token, "GET", "/devices/lamp7").reason()).isEqualTo("credential_invalid");
        assertError(hardware.authorize("lamp7", code), 11);
        assertThat(GATE.call(kept, "GET", "/devices/lamp8").status()).isEqualTo(200);
        assertThat(token(hardware.authorize("lamp7", other))).isNotEqualTo(token);
        assertThat(hardware.used(other)).isEqualTo(2);
    }

    @Test
    void countsATerminalOnceWhenItChangesItsAuthcode() {
        TestApplication hardware = TestApplication.hardware(GATE);
        String code = hardware.newAuthcode(1, Optional.empty());
        String other = hardware.newAuthcode(1, Optional.empty());

        String token = token(hardware.authorize("lamp7", code));

        assertThat(token(hardware.authorize("lamp7", other))).isEqualTo(token);
        assertThat(hardware.used(code)).as("the place that it gave up").isZero();
        assertThat(hardware.used(other)).isEqualTo(1);
        assertThat(GATE.call(token, "GET", "/devices/lamp7").status()).isEqualTo(200);

        token(hardware.authorize("lamp8", code));
        assertError(hardware.authorize("lamp8", other), 121);
        assertError(hardware.authorize("lamp7", code), 121);
    }

    @Test
    void replacesTheRevokedTokenOfATerminal() {
        TestApplication hardware = TestApplication.hardware(GATE);
        String code = hardware.newAuthcode(1, Optional.empty());
        String token = token(hardware.authorize("lamp7", code));

        hardware.oauth("revoke", "token=" + token);
        assertThat(GATE.call(token, "GET", "/devices/lamp7").reason()).isEqualTo("credential_invalid");
        assertError(hardware.authorize("lamp8", code), 121);
        String next = token(hardware.authorize("lamp7", code));

        assertThat(next).isNotEqualTo(token);
        assertThat(GATE.call(next, "GET", "/devices/lamp7").status()).isEqualTo(200);
        assertThat(GATE.call(token, "GET", "/devices/lamp7").reason()).isEqualTo("credential_invalid");
        assertThat(hardware.used(code)).isEqualTo(1);
    }

    @Test
    void replacesATokenOnlyWhenItHasExpired() {
        TestApplication hardware = TestApplication.hardware(MovedGate.GATE);
        String code = hardware.newAuthcode(1, Optional.empty());
        JsonNode first = hardware.authorize("lamp7", code).json().required("data");
        assertThat(first.required("expires").intValue()).isEqualTo(90);

        MovedGate.CLOCK.move(Duration.ofHours(36));
        JsonNode later = hardware.authorize("lamp7", code).json().required("data");
        assertThat(later.required("accessToken")).isEqualTo(first.required("accessToken"));
        assertThat(later.required("update")).isEqualTo(first.required("update"));
        assertThat(later.required("expires").intValue()).as("88.5 days, rounded up").isEqualTo(89);

        MovedGate.CLOCK.move(Duration.ofDays(88));
        String token = first.required("accessToken").stringValue();
        assertThat(hardware.authorize("lamp7", code).json().required("data").required("expires").intValue())
                .isEqualTo(1);
        assertThat(MovedGate.GATE.call(token, "GET", "/devices/lamp7").status()).isEqualTo(200);

        MovedGate.CLOCK.move(Duration.ofHours(12));
        assertThat(MovedGate.GATE.call(token, "GET", "/devices/lamp7").reason()).isEqualTo("credential_invalid");
        assertError(hardware.authorize("lamp8", code), 121);
        JsonNode next = hardware.authorize("lamp7", code).json().required("data");
        assertThat(next.required("accessToken")).isNotEqualTo(first.required("accessToken"));
        assertThat(next.required("expires").intValue()).isEqualTo(90);
        assertThat(next.required("update").longValue()).isGreaterThan(first.required("update").longValue());
        assertThat(MovedGate.GATE.call(next.required("accessToken").stringValue(), "GET", "/devices/lamp7").status())
                .isEqualTo(200);
        assertThat(hardware.used(code)).isEqualTo(1);
    }

    @Test
    void refusesAnExpiredTrialAuthcode() {
        TestApplication hardware = TestApplication.hardware(MovedGate.GATE);
        String code = hardware.newAuthcode(2, Optional.of(Duration.ofDays(7)));
        String token = token(hardware.authorize("lamp7", code));

        MovedGate.CLOCK.move(Duration.ofDays(7));

        assertError(hardware.authorize("lamp8", code), 13);
        assertError(hardware.authorize("lamp7", code), 13);
        assertThat(MovedGate.GATE.call(token, "GET", "/devices/lamp7").status()).as("it was given out for longer")
                .isEqualTo(200);
    }

    private static String token(Reply reply) {
        assertThat(reply.json().required("status").intValue()).as(reply.text()).isZero();
        return reply.json().required("data").required("accessToken").stringValue();
    }

    private static void assertError(Reply reply, int status) {
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json;charset=UTF-8");
        assertThat(reply.header("Content-Length")).isEqualTo(Integer.toString(reply.body().length));
        JsonNode json = reply.json();
        assertThat(json.propertyNames()).containsExactly("description", "data", "status");
        assertThat(json.required("status").intValue()).as(reply.text()).isEqualTo(status);
        assertThat(json.required("description").stringValue()).isNotEmpty();
        assertThat(json.required("data").toString()).isEqualTo("{}");
    }
}
