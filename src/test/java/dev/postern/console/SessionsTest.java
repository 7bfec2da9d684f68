package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions of the console: how they begin and end, and what is refused without one. */
@OwnsItsGate
class SessionsTest {
    private static final TestGate GATE = TestGate.start("postern.backend=http://127.0.0.1:1");
    private static final String PASSWORD = "correct horse battery";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    @AfterAll
    static void stop() {
        GATE.close();
    }

    private static String create(String role) {
        String name = role + NUMBER.incrementAndGet();
        create(name, role);
        return name;
    }

    private static void create(String name, String role) {
        assertThat(GATE.operate("POST", "/api/v1/operators",
                "{\"name\":\"" + name + "\",\"role\":\"" + role + "\",\"password\":\"" + PASSWORD + "\"}").status())
                .isEqualTo(201);
    }

    private static Reply call(String method, String target, String form, String... headers) {
        return RawHttp.call(GATE.managementPort(), method, target, form, headers);
    }

    private static Reply signIn(String name, String next, String... headers) {
        return call("POST", "/console/sign-in", "name=" + name + "&password=correct+horse+battery&next=" + next,
                headers);
    }

    /** Signs in. Returns the header with the cookie. */
    private static String session(String name) {
        Reply reply = signIn(name, "");
        assertThat(reply.status()).isEqualTo(303);
        String cookie = reply.header("Set-Cookie");
        assertThat(cookie).startsWith("postern-session=").containsIgnoringCase("HttpOnly").contains("SameSite=Strict",
                "Path=/");
        return "Cookie: " + cookie.substring(0, cookie.indexOf(';'));
    }

    private static int overview(String session) {
        return call("GET", "/console/", "", session).status();
    }

    private static String csrf(String session) {
        Matcher found = Pattern.compile("data-csrf=\"([^\"]+)\"").matcher(call("GET", "/console/", "", session).text());
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    @Test
    void endWithASignOutEvenWhereTheCookieIsKept() {
        String session = session(create("viewer"));
        assertThat(overview(session)).isEqualTo(200);

        assertThat(call("POST", "/console/sign-out", "_csrf=" + csrf(session), session).status()).isEqualTo(303);

        assertThat(overview(session)).isEqualTo(303);
    }

    @Test
    void endWithTheOldPassword() {
        String name = create("admin");
        String session = session(name);

        assertThat(GATE.operate("PUT", "/api/v1/operators/" + name + "/password",
                "{\"password\":\"another long pass phrase\"}").status()).isEqualTo(200);

        assertThat(overview(session)).isEqualTo(303);
    }

    @Test
    void doNotPassToALaterOperatorOfTheSameName() {
        String name = create("viewer");
        String session = session(name);
        GATE.operate("DELETE", "/api/v1/operators/" + name, "");
        assertThat(overview(session)).isEqualTo(303);

        create(name, "admin");

        assertThat(overview(session)).isEqualTo(303);
        assertThat(overview(session(name))).isEqualTo(200);
    }

    @Test
    void endWhileTheOperatorIsDisabled() {
        String name = create("editor");
        String session = session(name);

        GATE.operate("PUT", "/api/v1/operators/" + name, "{\"role\":\"editor\",\"enabled\":false}");

        assertThat(overview(session)).isEqualTo(303);
    }

    @Test
    void haveAnIdThatNobodyChose() {
        String name = create("viewer");
        String planted = "Cookie: postern-session=planted-by-somebody";

        Reply reply = signIn(name, "", planted);

        assertThat(reply.header("Set-Cookie")).doesNotContain("planted");
        assertThat(overview(planted)).isEqualTo(303);
    }

    @Test
    void takeNoFormsFromElsewhere() {
        String session = session(create("admin"));
        String other = session(create("admin"));
        String form = "id=forged&name=forged";

        assertThat(call("POST", "/console/accounts", form, session).status()).isEqualTo(403);
        assertThat(call("POST", "/console/accounts", form + "&_csrf=" + csrf(other), session).status()).isEqualTo(403);
        assertThat(signIn(create("viewer"), "", "Sec-Fetch-Site: cross-site").status()).isEqualTo(403);
        assertThat(GATE.operate("GET", "/api/v1/accounts/forged", "").status()).isEqualTo(404);
        assertThat(call("POST", "/console/accounts", form + "&_csrf=" + csrf(session), session).status())
                .isEqualTo(201);
    }

    @ParameterizedTest
    @CsvSource({"/console/accounts, /console/accounts", "//evil.test/, /console/", "https://evil.test/, /console/",
            "/console/%5C%5Cevil, /console/", "/console//evil.test, /console/", "/api/v1/accounts, /console/"})
    void leadToPagesOfTheConsoleOnly(String next, String destination) {
        assertThat(signIn(create("viewer"), next).header("Location")).isEqualTo(destination);
    }

    @Test
    void giveAViewerNoForms() {
        String session = session(create("viewer"));
        String account = GATE.newCustomer().account();

        assertThat(call("POST", "/console/accounts/" + account + "/static-tokens",
                "name=of-a-viewer&_csrf=" + csrf(session), session).status()).isEqualTo(403);
        assertThat(call("GET", "/console/audit", "", session).status()).isEqualTo(403);
        assertThat(call("GET", "/console/operators", "", session).status()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/console/", "/console/accounts", "/console/audit", "/console/operators",
            "/console/overview.json", "/console/accounts/a/rsa-tokens/b/file", "/console/accounts/a/jwt-tokens"})
    void areNeededForEachPage(String target) {
        assertThat(call("GET", target, "").header("Location")).startsWith("/console/sign-in");
        assertThat(RawHttp.call(GATE.port(), "GET", target, "").status()).as("on the public port").isNotEqualTo(200);
    }
}
