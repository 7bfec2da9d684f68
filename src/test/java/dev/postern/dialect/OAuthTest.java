package dev.postern.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.AtOnce;
import dev.postern.support.MovedGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestApplication;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code /oauth}, as the RFCs specify it. */
@UsesSharedGate
class OAuthTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String GRANT = "grant_type=client_credentials";
    private static final TestApplication MOVED_APPLICATION = TestApplication.software(MovedGate.GATE);

    private final TestApplication application = TestApplication.software(GATE);

    @Test
    void givesATokenThatWorksOnTheGate() {
        Reply reply = application.oauth("token", GRANT);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        assertThat(reply.header("Pragma")).isEqualTo("no-cache");
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.header("Content-Length")).isEqualTo(Integer.toString(reply.body().length));
        JsonNode json = reply.json();
        assertThat(json.propertyNames()).containsExactly("access_token", "token_type", "expires_in");
        assertThat(json.required("token_type").stringValue()).isEqualTo("Bearer");
        assertThat(json.required("expires_in").intValue()).isEqualTo(7200);
        String token = json.required("access_token").stringValue();
        SharedGate.BACKEND.forget();
        assertThat(GATE.call(token, "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(RawHttp.call(GATE.port(), "GET", "/devices", "", "Authorization: Bearer " + token).status())
                .isEqualTo(200);
        assertThat(SharedGate.BACKEND.received().getFirst().header("X-Postern-Account"))
                .isEqualTo(application.account());
    }

    @Test
    void acceptsTheKeyAndSecretInTheBody() {
        Reply reply = TestApplication.oauth(GATE, "token",
                GRANT + "&client_id=" + application.key() + "&client_secret=" + application.secret());

        assertThat(reply.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"basic ", "BASIC  ", "Basic "})
    void acceptsTheSchemeInAnyCase(String scheme) {
        Reply reply = TestApplication.oauth(GATE, "token", GRANT,
                application.basic().replace("Basic ", scheme));

        assertThat(reply.status()).isEqualTo(200);
    }

    @Test
    void decodesTheKeyAndSecretOfTheHeader() {
        String escapedKey = "%" + Integer.toHexString(application.key().charAt(0)) + application.key().substring(1);
        String escapedSecret = application.secret().substring(0, 42) + "%"
                + Integer.toHexString(application.secret().charAt(42)).toUpperCase(Locale.ROOT);

        assertThat(TestApplication.oauth(GATE, "token", GRANT, TestApplication.basic(escapedKey, escapedSecret))
                .status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/x-www-form-urlencoded;charset=UTF-8", "Application/X-WWW-Form-Urlencoded "})
    void acceptsEverySpellingOfTheContentType(String type) {
        assertThat(RawHttp.call(GATE.port(), "POST", "//oauth//token/", GRANT, application.basic(),
                "Content-Type: " + type).status()).isEqualTo(200);
    }

    @Test
    void ignoresEmptyAndUnknownParameters() {
        JsonNode json = application.oauth("token", "&client_id=&client_secret&scope=&" + GRANT + "&resource=x&").json();

        assertThat(json.propertyNames()).contains("access_token").doesNotContain("scope");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"'' | invalid_request", "grant_type= | invalid_request",
            "grant_type=password&username=a&password=b | unsupported_grant_type",
            "grant_type=Client_Credentials | unsupported_grant_type",
            "grant_type=client_credentials&grant_type=client_credentials | invalid_request",
            "grant_type=client_credentials&x=1&x=2 | invalid_request",
            "grant_type=client_credentials&scope=a/b | invalid_scope",
            "grant_type=client_credentials&scope=devices++datapoints | invalid_scope",
            "grant_type=client_credentials&scope=%22 | invalid_scope",
            "grant_type=client_credentials&x=%zz | invalid_request",
            "grant_type=client_credentials&x=% | invalid_request",
            "grant_type=client_credentials&x=%ff | invalid_request"})
    void refusesWhatIsNoRequestForAToken(String form, String error) {
        assertError(application.oauth("token", form), 400, error);
    }

    @Test
    void refusesAClientThatAuthenticatesInTwoWays() {
        String inBody = "&client_id=" + application.key() + "&client_secret=" + application.secret();

        assertError(application.oauth("token", GRANT + inBody), 400, "invalid_request");
        assertError(application.oauth("token", GRANT + "&client_secret=" + application.secret()), 400,
                "invalid_request");
        assertError(TestApplication.oauth(GATE, "token", GRANT, application.basic(), application.basic()), 400,
                "invalid_request");
    }

    @ParameterizedTest
    @CsvSource({"token,grant_type=client_credentials", "revoke,token=x", "introspect,token=x"})
    void acceptsTheClientsOwnIdInTheBodyAlongsideTheHeader(String call, String form) {
        TestApplication other = TestApplication.software(GATE);

        assertThat(application.oauth(call, form + "&client_id=" + application.key()).status()).isEqualTo(200);
        for (String another : List.of(other.key(), "wrong", application.key().toUpperCase(Locale.ROOT) + "x")) {
            assertError(application.oauth(call, form + "&client_id=" + another), 400, "invalid_request");
        }
        assertError(application.oauth(call, form + "&client_id=" + application.key() + "&client_secret=x"), 400,
                "invalid_request");
        assertError(TestApplication.oauth(GATE, call, form + "&client_id=" + application.key(),
                TestApplication.basic(application.key(), "wrong")), 401, "invalid_client");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "datapoints devices | datapoints:get devices",
            "devices datapoints:get | devices datapoints:get",
            "datapoints:put datapoints:get datapoints | datapoints:get",
            "datapoints triggers logs:delete | datapoints:get",
            "datapoints nothing-of-the-catalogue | datapoints:get",
            "devices:delete devices:get | devices:delete devices:get",
            "'' | commands:post datapoints:get devices"})
    void saysWhatOfAScopeIsGranted(String asked, String granted) {
        TestApplication limited = TestApplication.software(GATE, application.account(), """
                [{"apis":["datapoints","devices"],"actions":["get"],"devices":["lamp"]},
                 {"apis":["devices"],"actions":["post","put","delete"],"devices":["door"]},
                 {"apis":["commands"],"actions":["post"],"devices":"all"},
                 {"apis":["triggers"],"actions":["get"],"devices":[]},
                 {"apis":["logs"],"actions":[],"devices":"all"}]""");

        JsonNode reply = limited
                .oauth("token", GRANT + (asked.isEmpty() ? "" : "&scope=" + asked.replace(' ', '+'))).json();

        assertThat(reply.required("scope").stringValue()).isEqualTo(granted);
        assertThat(introspect(limited, reply.required("access_token").stringValue()).required("scope").stringValue())
                .isEqualTo(granted);
    }

    @Test
    void namesAllApisInTheScopeIfOnlyActionsAreLimited() {
        TestApplication reader = TestApplication.software(GATE, application.account(),
                "[{\"actions\":[\"get\"],\"devices\":\"all\"}]");

        JsonNode reply = reader.oauth("token", GRANT).json();

        assertThat(reply.required("scope").stringValue()).contains("bindata:get ")
                .contains(" triggers:get").matches("([a-z-]+:get ?)+");
    }

    @Test
    void issuesNoTokenForAScopeWithoutAnyPermission() {
        TestApplication limited = TestApplication.software(GATE, application.account(),
                "[{\"apis\":[\"datapoints\"],\"actions\":[\"get\"],\"devices\":[\"lamp\"]}]");
        TestApplication powerless = TestApplication.software(GATE, application.account(), "[]");

        for (String scope : List.of("devices", "datapoints:put", "nothing-of-the-catalogue")) {
            assertError(limited.oauth("token", GRANT + "&scope=" + scope), 400, "invalid_scope");
        }
        assertError(application.oauth("token", GRANT + "&scope=nothing-of-the-catalogue"), 400, "invalid_scope");
        assertError(powerless.oauth("token", GRANT), 400, "invalid_scope");
    }

    @Test
    void neverExceedsTheGrantedScope() {
        TestApplication limited = TestApplication.software(GATE, application.account(),
                "[{\"apis\":[\"datapoints\"],\"actions\":[\"get\"],\"devices\":[\"lamp\"]}]");
        String token = limited.token("datapoints+devices");

        limited.limitTo(TestApplication.EVERYTHING);
        assertThat(GATE.call(token, "GET", "/devices/lamp/datapoints").status()).isEqualTo(200);
        assertThat(GATE.call(token, "DELETE", "/devices/lamp/datapoints").reason()).isEqualTo("action_not_permitted");
        assertThat(GATE.call(token, "GET", "/devices/lamp").reason()).isEqualTo("api_not_permitted");
        assertThat(introspect(limited, token).required("scope").stringValue()).isEqualTo("datapoints:get");

        limited.limitTo("[{\"apis\":[\"logs\"],\"actions\":[\"get\"],\"devices\":[\"lamp\"]}]");
        assertThat(introspect(limited, token).required("scope").stringValue()).as("it may do nothing now").isEmpty();
        assertThat(GATE.call(token, "GET", "/logs/lamp").reason()).isEqualTo("api_not_permitted");
    }

    @Test
    void refusesSecretsInTheQuery() {
        String query = GRANT + "&client_id=" + application.key() + "&client_secret=" + application.secret();
        for (String target : List.of("/oauth/token?" + query, "/oauth/token?x=1", "/oauth/revoke?token=x",
                "/oauth/introspect?token=x")) {
            assertError(RawHttp.call(GATE.port(), "POST", target, GRANT + "&token=x", application.basic(),
                    "Content-Type: application/x-www-form-urlencoded"), 400, "invalid_request");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type: application/json", "Content-Type: multipart/form-data; boundary=x",
            "Content-Type: text/plain", "X: y",
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Type: application/x-www-form-urlencoded"})
    void refusesABodyThatIsNotAForm(String header) {
        assertError(RawHttp.call(GATE.port(), "POST", "/oauth/token", GRANT, application.basic(), header), 400,
                "invalid_request");
    }

    @Test
    void refusesABodyThatIsTooLarge() {
        Reply reply = application.oauth("token", GRANT + "&x=" + "x".repeat(17_000));

        assertError(reply, 413, "invalid_request");
        assertThat(reply.header("Connection")).isEqualTo("close");
    }

    @Test
    void refusesAnAmbiguousTargetInItsOwnFormat() {
        assertError(RawHttp.call(GATE.port(), "POST", "/oauth/token?=x", GRANT, application.basic()), 400,
                "invalid_request");
    }

    @ParameterizedTest
    @CsvSource({"GET,token", "PUT,token", "DELETE,revoke", "PATCH,introspect", "OPTIONS,token"})
    void acceptsOnlyPost(String method, String call) {
        Reply reply = RawHttp.call(GATE.port(), method, "/oauth/" + call, "", application.basic());

        assertError(reply, 405, "invalid_request");
        assertThat(reply.header("Allow")).isEqualTo("POST");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/oauth", "/oauth/authorize", "/oauth/token/x", "/OAuth/token"})
    void hasNoOtherCalls(String target) {
        assertThat(RawHttp.call(GATE.port(), "POST", target, GRANT).reason()).isEqualTo("operation_unknown");
    }

    @ParameterizedTest
    @ValueSource(strings = {"token", "revoke", "introspect"})
    void refusesAnUnknownClient(String call) {
        TestApplication other = TestApplication.software(GATE);
        for (String header : List.of(TestApplication.basic(application.key(), "wrong"),
                TestApplication.basic("wrong", application.secret()),
                TestApplication.basic(application.key(), other.secret()),
                TestApplication.basic(application.secret(), application.key()),
                TestApplication.basic(application.key(), ""), TestApplication.basic("%zz", "x"),
                "Authorization: Basic " + application.key(), "Authorization: Basic", "Authorization: Basic ::::",
                "Authorization: Basic bm9jb2xvbg==", "Authorization: Bearer " + application.token(""))) {
            Reply reply = TestApplication.oauth(GATE, call, GRANT + "&token=x", header);
            assertError(reply, 401, "invalid_client");
            assertThat(reply.header("WWW-Authenticate")).as(header).isEqualTo("Basic realm=\"postern\"");
        }
        for (String form : List.of("", "&client_id=" + application.key(), "&client_secret=" + application.secret(),
                "&client_id=" + application.key() + "&client_secret=wrong",
                "&client_id=wrong&client_secret=" + application.secret())) {
            Reply reply = TestApplication.oauth(GATE, call, GRANT + "&token=x" + form);
            assertError(reply, 401, "invalid_client");
            assertThat(reply.header("WWW-Authenticate")).as(form).isEmpty();
        }
    }

    @Test
    void narrowsATokenToItsScope() {
        JsonNode json = application.oauth("token", GRANT + "&scope=datapoints:get").json();
        assertThat(json.required("scope").stringValue()).isEqualTo("datapoints:get");
        String narrow = json.required("access_token").stringValue();
        String two = application.token("datapoints+devices:get");

        assertThat(GATE.call(narrow, "GET", "/devices/lamp/datapoints").status()).isEqualTo(200);
        assertThat(GATE.call(narrow, "GET", "/devices/lamp").reason()).isEqualTo("api_not_permitted");
        assertThat(GATE.call(narrow, "DELETE", "/devices/lamp/datapoints").reason()).isEqualTo("action_not_permitted");
        assertThat(GATE.call(two, "DELETE", "/devices/lamp/datapoints").status()).isEqualTo(200);
        assertThat(GATE.call(two, "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(GATE.call(two, "DELETE", "/devices/lamp").reason()).isEqualTo("action_not_permitted");
        assertThat(GATE.call(two, "GET", "/logs/lamp").reason()).isEqualTo("api_not_permitted");
    }

    @Test
    void neverWidensThePermissionsOfTheApplication() {
        TestApplication limited = TestApplication.software(GATE, application.account(),
                "[{\"apis\":[\"datapoints\"],\"actions\":[\"get\"],\"devices\":[\"lamp\"]}]");
        String everything = limited.token("");
        String more = limited.token("datapoints+devices");

        for (String token : List.of(everything, more)) {
            assertThat(GATE.call(token, "GET", "/devices/lamp/datapoints").status()).isEqualTo(200);
            assertThat(GATE.call(token, "GET", "/devices/door/datapoints").reason()).isEqualTo("device_not_permitted");
            assertThat(GATE.call(token, "DELETE", "/devices/lamp/datapoints").reason())
                    .isEqualTo("action_not_permitted");
            assertThat(GATE.call(token, "GET", "/devices/lamp").reason()).isEqualTo("api_not_permitted");
        }
        limited.limitTo("[{\"apis\":[\"datapoints\"],\"actions\":[\"get\"],\"devices\":[\"door\"]}]");
        assertThat(GATE.call(more, "GET", "/devices/door/datapoints").status()).as("at the time of the call")
                .isEqualTo(200);
    }

    @Test
    void revokesOnlyItsOwnTokensAndDoesNotTellWhich() {
        TestApplication neighbour = TestApplication.software(GATE, application.account(), TestApplication.EVERYTHING);
        String token = application.token("");

        for (TestApplication who : List.of(neighbour, TestApplication.stranger(GATE), application)) {
            assertThat(GATE.call(token, "GET", "/devices/lamp").status()).isEqualTo(200);
            Reply reply = who.oauth("revoke", "token_type_hint=refresh_token&token=" + token);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.header("Content-Length")).isEqualTo("0");
            assertThat(reply.body()).isEmpty();
        }
        assertThat(GATE.call(token, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
        for (String unknown : List.of(token, "unknown", GATE.newCustomer().masterKey(), application.secret())) {
            Reply reply = application.oauth("revoke", "token=" + unknown);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"revoke,''", "revoke,token=", "revoke,token=a&token=a", "introspect,token_type_hint=access_token",
            "introspect,token=a&token=b"})
    void requiresExactlyOneToken(String call, String form) {
        assertError(application.oauth(call, form), 400, "invalid_request");
    }

    @Test
    void introspectsALiveTokenOfTheAccount() {
        Instant before = Instant.now();
        String token = application.token("datapoints:get+devices");

        JsonNode json = introspect(application, token);

        assertThat(json.propertyNames()).containsExactly("active", "client_id", "token_type", "exp", "iat", "scope");
        assertThat(json.required("active").booleanValue()).isTrue();
        assertThat(json.required("client_id").stringValue()).isEqualTo(application.key());
        assertThat(json.required("token_type").stringValue()).isEqualTo("Bearer");
        assertThat(json.required("scope").stringValue()).isEqualTo("datapoints:get devices");
        assertThat(json.required("iat").longValue()).isBetween(before.getEpochSecond(), Instant.now().getEpochSecond());
        assertThat(json.required("exp").longValue() - json.required("iat").longValue()).isEqualTo(7200);
    }

    @Test
    void hidesTheKeyOfAnotherApplication() {
        TestApplication neighbour = TestApplication.software(GATE, application.account(), TestApplication.EVERYTHING);

        JsonNode json = introspect(neighbour, application.token(""));

        assertThat(json.propertyNames()).containsExactly("active", "token_type", "exp", "iat");
    }

    @Test
    void namesTheTerminalOfATerminalsToken() {
        String token = application.authorize("lamp7", "").json().required("data").required("accessToken")
                .stringValue();

        JsonNode json = introspect(application, token);

        assertThat(json.propertyNames()).containsExactly("active", "client_id", "token_type", "exp", "iat", "sub");
        assertThat(json.required("sub").stringValue()).isEqualTo("lamp7");
    }

    @Test
    void saysOnlyThatAnythingElseIsInactive() {
        String revoked = application.token("");
        application.oauth("revoke", "token=" + revoked);
        TestApplication gone = TestApplication.software(GATE, application.account(), TestApplication.EVERYTHING);
        String orphan = gone.token("");
        gone.delete();
        TestApplication off = TestApplication.software(GATE, application.account(), TestApplication.EVERYTHING);
        String disabled = off.token("");
        off.enable(false);

        for (String token : List.of("unknown", revoked, orphan, disabled, TestApplication.stranger(GATE).token(""),
                GATE.newCustomer().masterKey(), application.secret(), application.key())) {
            assertThat(application.oauth("introspect", "token=" + token).text()).isEqualTo("{\"active\":false}");
        }
    }

    @Test
    void revokesTheTokensOfADeletedApplication() {
        String token = application.token("");

        application.delete();

        assertThat(GATE.call(token, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
        assertError(application.oauth("token", GRANT), 401, "invalid_client");
    }

    @Test
    void suspendsTheTokensOfADisabledApplication() {
        String token = application.token("");

        application.enable(false);
        assertThat(GATE.call(token, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
        assertError(application.oauth("token", GRANT), 401, "invalid_client");

        application.enable(true);
        assertThat(GATE.call(token, "GET", "/devices/lamp").status()).isEqualTo(200);
    }

    @Test
    void revokesTheOldestTokenIfThereIsOneTooMany() {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            tokens.add(MOVED_APPLICATION.token(""));
            MovedGate.CLOCK.move(Duration.ofMillis(2));
        }
        assertThat(tokens).allMatch(OAuthTest::worksOnTheMovedGate);

        tokens.add(MOVED_APPLICATION.token(""));

        assertThat(worksOnTheMovedGate(tokens.removeFirst())).isFalse();
        assertThat(tokens).hasSize(100).allMatch(OAuthTest::worksOnTheMovedGate);
    }

    @Test
    void keepsExactlyAHundredTokensUnderConcurrency() throws Exception {
        List<String> tokens = new ArrayList<>();
        for (List<String> each : AtOnce.run(16, () -> {
            List<String> mine = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                mine.add(application.token(""));
            }
            return mine;
        })) {
            tokens.addAll(each);
        }

        assertThat(tokens).hasSize(160).doesNotHaveDuplicates();
        assertThat(tokens.stream().filter(token -> GATE.call(token, "GET", "/devices/lamp").status() == 200))
                .hasSize(100);
    }

    private static boolean worksOnTheMovedGate(String token) {
        return MovedGate.GATE.call(token, "GET", "/devices/lamp").status() == 200;
    }

    @Test
    void expiresTokens() {
        String token = MOVED_APPLICATION.token("");
        MovedGate.CLOCK.move(Duration.ofMinutes(119));
        assertThat(worksOnTheMovedGate(token)).isTrue();

        MovedGate.CLOCK.move(Duration.ofMinutes(1));

        assertThat(MovedGate.GATE.call(token, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
        assertThat(MOVED_APPLICATION.oauth("introspect", "token=" + token).text()).isEqualTo("{\"active\":false}");
    }

    @Test
    void acceptsTheOldSecretUntilTheOverlapEnds() {
        TestApplication client = TestApplication.software(MovedGate.GATE);
        assertThat(client.secrets()).hasSize(1).allMatch(use -> use.lastUsed().isEmpty() && use.until().isEmpty());
        Instant first = MovedGate.CLOCK.instant();
        assertThat(client.oauth("token", GRANT).status()).isEqualTo(200);

        String newSecret = client.replaceSecret();
        String newBasic = TestApplication.basic(client.key(), newSecret);
        assertThat(client.secrets()).hasSize(2);
        assertThat(client.secrets().getFirst().lastUsed()).as("the new one").isEmpty();
        assertThat(client.secrets().getLast().lastUsed().orElseThrow()).isAfterOrEqualTo(truncated(first));
        assertThat(client.secrets().getLast().until()).isPresent();

        MovedGate.CLOCK.move(Duration.ofHours(23));
        Instant second = MovedGate.CLOCK.instant();
        assertThat(client.oauth("token", GRANT).status()).isEqualTo(200);
        assertThat(client.secrets().getLast().lastUsed().orElseThrow()).isAfterOrEqualTo(truncated(second));
        assertThat(TestApplication.oauth(MovedGate.GATE, "token", GRANT, newBasic).status()).isEqualTo(200);
        assertThat(client.secrets().getFirst().lastUsed().orElseThrow()).isAfterOrEqualTo(truncated(second));

        MovedGate.CLOCK.move(Duration.ofHours(1));
        assertError(client.oauth("token", GRANT), 401, "invalid_client");
        assertThat(TestApplication.oauth(MovedGate.GATE, "token", GRANT, newBasic).status()).isEqualTo(200);
        assertThat(client.secrets()).hasSize(1);
    }

    @Test
    void revokesTheSecretBeforeLastAtOnce() {
        String middle = application.replaceSecret();
        String last = application.replaceSecret();

        assertError(application.oauth("token", GRANT), 401, "invalid_client");
        for (String secret : List.of(middle, last)) {
            assertThat(TestApplication.oauth(GATE, "token", GRANT, TestApplication.basic(application.key(), secret))
                    .status()).isEqualTo(200);
        }
    }

    /** The store keeps milliseconds. */
    private static Instant truncated(Instant time) {
        return Instant.ofEpochMilli(time.toEpochMilli());
    }

    private static JsonNode introspect(TestApplication who, String token) {
        Reply reply = who.oauth("introspect", "token_type_hint=access_token&token=" + token.replace("=", "%3D"));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        return reply.json();
    }

    private static void assertError(Reply reply, int status, String error) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(reply.json().propertyNames()).containsExactly("error", "error_description");
        assertThat(reply.json().required("error").stringValue()).isEqualTo(error);
        assertThat(reply.json().required("error_description").stringValue()).matches("[ !#-\\[\\]-~]+");
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        assertThat(reply.header("Pragma")).isEqualTo("no-cache");
        assertThat(new String(reply.body(), StandardCharsets.US_ASCII)).isEqualTo(reply.text());
        assertThat(reply.header("Content-Length")).isEqualTo(Integer.toString(reply.body().length));
    }
}
