package dev.postern.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestApplication;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code /api/v1/user/login-app} as clients of Juying call it. */
@UsesSharedGate
class LoginAppTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String PATH = "/api/v1/user/login-app";

    private final TestApplication application = TestApplication.software(GATE);
    private final String login = login(application.key(), application.secret());

    private static String login(String key, String secret) {
        return "{\"appKey\":\"" + key + "\",\"appSecret\":\"" + secret + "\"}";
    }

    @Test
    void givesATokenThatWorksOnTheGate() {
        long before = Instant.now().toEpochMilli();

        Reply reply = RawHttp.call(GATE.port(), "POST", PATH, login, "Content-Type: application/json");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.header("Content-Length")).isEqualTo(Integer.toString(reply.body().length));
        assertThat(reply.header("Transfer-Encoding")).isEmpty();
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        JsonNode json = reply.json();
        assertThat(json.propertyNames()).containsExactly("success", "code", "message", "data", "timestamp");
        assertThat(json.required("success").booleanValue()).isTrue();
        assertThat(json.required("code").intValue()).isEqualTo(200);
        assertThat(json.required("message").stringValue()).isEqualTo("success");
        assertThat(json.required("data").propertyNames()).containsExactly("accesstoken", "refreshToken", "timestamp");
        assertThat(json.required("data").required("refreshToken").stringValue()).isEmpty();
        assertThat(json.required("timestamp").longValue()).isBetween(before, Instant.now().toEpochMilli());
        assertThat(json.required("data").required("timestamp").longValue())
                .isBetween(before, Instant.now().toEpochMilli());
        String token = token(reply);
        assertThat(token).hasSize(60).matches("[A-Za-z0-9_=-]+");
        assertThat(GATE.call(token, "GET", "/devices/lamp").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type: text/plain", "Content-Type: application/x-www-form-urlencoded",
            "Content-Type: nonsense", "X: y"})
    void ignoresTheContentTypeAndUnknownMembers(String header) {
        Reply reply = RawHttp.call(GATE.port(), "POST", "//api/v1/user/login-app/?t=1",
                login.replace("}", ",\"version\":{\"n\":[1]},\"appkey\":\"\"}"), header);

        assertThat(reply.json().required("success").booleanValue()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{}", "{\"appKey\":\"KEY\"}", "{\"appSecret\":\"SECRET\"}",
            "{\"appKey\":\"KEY\",\"appSecret\":5}", "{\"appKey\":null,\"appSecret\":\"SECRET\"}",
            "{\"appKey\":\"\",\"appSecret\":\"SECRET\"}", "{\"appKey\":\"KEY\",\"appSecret\":\"SECRET\"} x",
            "{\"appKey\":\"KEY\",\"appKey\":\"KEY\",\"appSecret\":\"SECRET\"}",
            "{\"appKey\":\"KEY\",\"appSecret\":\"x\",\"appSecret\":\"SECRET\"}",
            "{\"appKey\":\"KEY\",\"appSecret\":\"SECRET\",}", "appKey=KEY&appSecret=SECRET"})
    void refusesWhatIsNoLogin(String body) {
        assertError(RawHttp.call(GATE.port(), "POST", PATH,
                body.replace("KEY", application.key()).replace("SECRET", application.secret())), 400);
    }

    @Test
    void refusesInvalidText() {
        assertError(RawHttp.call(GATE.port(), "POST", PATH, new byte[]{'"', (byte) 0xff, '"'}), 400);
    }

    @Test
    void refusesAnAmbiguousTargetInItsOwnFormat() {
        assertError(RawHttp.call(GATE.port(), "POST", PATH + "?=x", login), 400);
    }

    @Test
    void refusesAWrongKeyOrSecret() {
        TestApplication other = TestApplication.software(GATE);
        for (String wrong : new String[]{login(application.key(), "wrong"), login("wrong", application.secret()),
                login(application.key(), other.secret()), login(application.secret(), application.key())}) {
            assertError(RawHttp.call(GATE.port(), "POST", PATH, wrong), 401);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "PATCH", "OPTIONS"})
    void acceptsOnlyPost(String method) {
        assertError(RawHttp.call(GATE.port(), method, PATH, ""), 405);
    }

    @Test
    void refusesABodyThatIsTooLarge() {
        assertError(
                RawHttp.call(GATE.port(), "POST", PATH, login.replace("}", ",\"x\":\"" + "x".repeat(17_000) + "\"}")),
                413);
    }

    @ParameterizedTest
    @CsvSource({"/api/v1/user", "/api/v1/user/login-app/x", "/api/v1/user/login", "/api/v1/accounts", "/api/v1"})
    void keepsTheManagementApiOffThePublicPort(String target) {
        assertThat(RawHttp.call(GATE.port(), "POST", target, login, "Authorization: Bearer " + TestGate.OPERATOR_TOKEN)
                .reason()).isEqualTo("operation_unknown");
    }

    @Test
    void isNotOnTheManagementPort() {
        assertThat(GATE.operate("POST", PATH, login).status()).isEqualTo(404);
        assertThat(RawHttp.call(GATE.managementPort(), "POST", PATH, login).status()).isEqualTo(401);
    }

    @Test
    void tokenIsInvalidOnceItOrItsApplicationIsRevoked() {
        String first = token(RawHttp.call(GATE.port(), "POST", PATH, login));
        String second = token(RawHttp.call(GATE.port(), "POST", PATH, login));

        application.oauth("revoke", "token=" + first);
        assertThat(GATE.call(first, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
        assertThat(GATE.call(second, "GET", "/devices/lamp").status()).isEqualTo(200);

        application.enable(false);
        assertThat(GATE.call(second, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
        assertError(RawHttp.call(GATE.port(), "POST", PATH, login), 401);
        application.enable(true);
        assertThat(GATE.call(second, "GET", "/devices/lamp").status()).isEqualTo(200);

        application.delete();
        assertThat(GATE.call(second, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
        assertError(RawHttp.call(GATE.port(), "POST", PATH, login), 401);
    }

    @Test
    void acceptsTheOldSecretAlongsideTheNewOne() {
        String newSecret = application.replaceSecret();

        assertThat(token(RawHttp.call(GATE.port(), "POST", PATH, login))).isNotEmpty();
        assertThat(token(RawHttp.call(GATE.port(), "POST", PATH, login(application.key(), newSecret)))).isNotEmpty();
    }

    private static String token(Reply reply) {
        return reply.json().required("data").required("accesstoken").stringValue();
    }

    private static void assertError(Reply reply, int code) {
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Length")).isEqualTo(Integer.toString(reply.body().length));
        JsonNode json = reply.json();
        assertThat(json.propertyNames()).containsExactly("success", "code", "message", "data", "timestamp");
        assertThat(json.required("success").booleanValue()).isFalse();
        assertThat(json.required("code").intValue()).isEqualTo(code);
        assertThat(json.required("message").stringValue()).isNotEmpty();
        assertThat(json.required("data").isNull()).isTrue();
        assertThat(json.required("timestamp").longValue()).isPositive();
    }
}
