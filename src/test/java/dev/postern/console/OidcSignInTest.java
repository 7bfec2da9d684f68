package dev.postern.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.postern.support.AuthorizationServer;
import dev.postern.support.AuthorizationServer.Fault;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.TestGate;
import java.io.IOException;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Operators sign in with an identity provider, a real Spring Authorization Server. */
@LongTest
@OwnsItsGate
class OidcSignInTest {
    private static final AuthorizationServer PROVIDER = new AuthorizationServer();
    private static final TestGate GATE = TestGate.start("postern.backend=http://127.0.0.1:1",
            "postern.console.oidc.issuer-uri=" + PROVIDER.issuer(),
            "postern.console.oidc.client-id=" + AuthorizationServer.CLIENT,
            "postern.console.oidc.client-secret=" + AuthorizationServer.SECRET,
            "postern.console.oidc.groups-claim=realm.groups", "postern.console.oidc.roles.admin=Gate Admins,root",
            "postern.console.oidc.roles.viewer=readers", "postern.console.oidc.button-text=Sign in with Acme ID",
            "postern.console.oidc.timeout=10s");
    private static final String HERE = "http://127.0.0.1:" + GATE.managementPort();

    @AfterAll
    static void stop() {
        GATE.close();
        PROVIDER.close();
    }

    @AfterEach
    void mend() {
        PROVIDER.setFault(Fault.NONE);
    }

    /** A browser without scripts, which does not follow redirects by itself. */
    private static final class Visitor {
        private final CookieManager cookies = new CookieManager();
        private final HttpClient client = HttpClient.newBuilder().cookieHandler(cookies)
                .followRedirects(HttpClient.Redirect.NEVER).build();

        HttpResponse<String> get(String address) throws IOException, InterruptedException {
            return client.send(
                    HttpRequest.newBuilder(URI.create(HERE).resolve(address)).header("Accept", "text/html").build(),
                    HttpResponse.BodyHandlers.ofString());
        }

        HttpResponse<String> post(String address, String form) throws IOException, InterruptedException {
            return client.send(HttpRequest.newBuilder(URI.create(HERE).resolve(address))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(form)).build(), HttpResponse.BodyHandlers.ofString());
        }

        /** Signs in at the provider. Returns the address of the callback, with the code. */
        String callback(String user, String next) throws IOException, InterruptedException {
            HttpResponse<String> begun = get("/login/oidc?next=" + next);
            assertThat(begun.statusCode()).as(begun.body()).isEqualTo(303);
            HttpResponse<String> asked = get(location(begun));
            assertThat(location(asked)).as(asked.body()).endsWith("/login");
            String callback = consent(user);
            assertThat(callback).startsWith(HERE + "/login/oidc/callback?code=");
            return callback;
        }

        /** Fills in the form of the provider. Returns where the provider sends the browser. */
        String consent(String user) throws IOException, InterruptedException {
            String form = "username=" + user + "&password=" + user + "&_csrf="
                    + found("name=\"_csrf\".*?value=\"([^\"]+)\"", get(PROVIDER.issuer() + "/login"));
            return location(get(location(post(PROVIDER.issuer() + "/login", form))));
        }

        HttpResponse<String> signIn(String user, String next) throws IOException, InterruptedException {
            return get(callback(user, next));
        }

        boolean hasSession() {
            return cookies.getCookieStore().getCookies().stream()
                    .anyMatch(cookie -> cookie.getName().equals("postern-session"));
        }

        int status(String page) throws IOException, InterruptedException {
            return get(page).statusCode();
        }

        String csrf() throws IOException, InterruptedException {
            return found("data-csrf=\"([^\"]+)\"", get("/console/"));
        }
    }

    private static String found(String pattern, HttpResponse<String> page) {
        Matcher found = Pattern.compile(pattern).matcher(page.body());
        assertThat(found.find()).as(page.body()).isTrue();
        return found.group(1);
    }

    private static String location(HttpResponse<String> response) {
        return response.headers().firstValue("Location").orElseThrow(
                () -> new AssertionError(response.uri() + ": " + response.statusCode() + " " + response.body()));
    }

    private final Visitor visitor = new Visitor();

    @Test
    void beginsASessionWithTheHighestRoleOfTheGroups() throws Exception {
        HttpResponse<String> done = visitor.signIn("ada", "/console/accounts");

        assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
        assertThat(done.body()).contains("content=\"0;url=/console/accounts\"");
        assertThat(done.headers().allValues("Set-Cookie")).anySatisfy(cookie -> assertThat(cookie)
                .startsWith("postern-session=").containsIgnoringCase("HttpOnly").contains("SameSite=Strict", "Path=/"))
                .anySatisfy(cookie -> assertThat(cookie).startsWith("postern-oidc=;").contains("Max-Age=0"));
        assertThat(visitor.get("/console/").body()).contains("The one called ada");
        assertThat(visitor.status("/console/operators")).isEqualTo(200);
    }

    @Test
    void givesTheRoleOfTheGroup() throws Exception {
        visitor.signIn("vera", "");

        assertThat(visitor.status("/console/")).isEqualTo(200);
        assertThat(visitor.status("/console/operators")).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"eve", "nobody"})
    void refusesWhoHasNoGroupWithARole(String user) throws Exception {
        HttpResponse<String> refused = visitor.signIn(user, "");

        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("as The one called " + user + ", but none of your groups has a role");
        assertThat(visitor.hasSession()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"//evil.test/", "https://evil.test/", "/api/v1/accounts"})
    void leadsToPagesOfTheConsoleOnly(String next) throws Exception {
        assertThat(visitor.signIn("vera", next).body()).contains("content=\"0;url=/console/\"");
    }

    @Test
    void bindsAnAttemptToTheBrowser() throws Exception {
        String callback = visitor.callback("ada", "");
        Visitor other = new Visitor();
        assertThat(other.status(callback)).as("without a cookie").isEqualTo(400);
        other.get("/login/oidc");
        assertThat(other.status(callback)).as("with the cookie of another attempt").isEqualTo(400);
        assertThat(other.hasSession()).isFalse();

        assertThat(visitor.status(callback.replaceFirst("state=[^&]+", "state=forged"))).isEqualTo(400);
        assertThat(visitor.status(callback.replaceFirst("&state=[^&]+", ""))).isEqualTo(400);
        assertThat(visitor.status(callback + "&iss=https%3A%2F%2Fevil.test")).as("of another issuer").isEqualTo(401);
        assertThat(visitor.hasSession()).isFalse();
        assertThat(visitor.status(callback)).isEqualTo(200);
    }

    @Test
    void acceptsACodeOnce() throws Exception {
        HttpResponse<String> begun = visitor.get("/login/oidc");
        HttpCookie attempt = visitor.cookies.getCookieStore().getCookies().stream()
                .filter(cookie -> cookie.getName().equals("postern-oidc")).findFirst().orElseThrow();
        assertThat(begun.headers().firstValue("Set-Cookie").orElseThrow()).containsIgnoringCase("HttpOnly")
                .contains("SameSite=Lax", "Path=/login/oidc", "Max-Age=600");
        visitor.get(location(begun));
        String callback = visitor.consent("vera");
        assertThat(visitor.status(callback)).isEqualTo(200);
        assertThat(visitor.status(callback)).as("the attempt has ended").isEqualTo(400);

        Visitor replaying = new Visitor();
        replaying.cookies.getCookieStore().add(URI.create(HERE), attempt);

        assertThat(replaying.status(callback)).as("the provider refuses the code").isEqualTo(401);
        assertThat(replaying.hasSession()).isFalse();
    }

    @Test
    void acceptsNoForgedAnswerOfTheProvider() throws Exception {
        String callback = visitor.callback("ada", "");

        assertThat(visitor.status(callback.replaceFirst("code=[^&]+", "code=forged"))).isEqualTo(401);
        assertThat(visitor.status(callback.replaceFirst("code=[^&]+", "error=access_denied"))).isEqualTo(401);
        assertThat(visitor.hasSession()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class, names = {"NONCE", "AUDIENCE", "AUTHORIZED_PARTY", "EXPIRED", "ISSUER", "KEY"})
    void refusesAnInvalidIdToken(Fault fault) throws Exception {
        PROVIDER.setFault(fault);

        HttpResponse<String> refused = visitor.signIn("ada", "");

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("The answer of the identity provider is not valid");
        assertThat(visitor.hasSession()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class, names = {"FAILING", "HANGING"})
    void saysThatTheProviderIsAwayWhileTheRestWorks(Fault fault) throws Exception {
        PROVIDER.setFault(fault);

        HttpResponse<String> refused = visitor.signIn("ada", "");

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("The identity provider cannot be reached").contains("name=\"password\"");
        String local = "local-" + fault.name().toLowerCase(Locale.ROOT);
        GATE.operate("POST", "/api/v1/operators", "{\"name\":\"" + local
                + "\",\"role\":\"viewer\",\"password\":\"correct horse battery\"}");
        visitor.post("/console/sign-in", "name=" + local + "&password=correct+horse+battery");
        assertThat(visitor.status("/console/")).isEqualTo(200);
    }

    @Test
    void isNamedInTheAuditLog() throws Exception {
        visitor.signIn("ada", "");
        assertThat(visitor.post("/console/accounts", "id=of-ada&name=Ada&_csrf=" + visitor.csrf()).statusCode())
                .isEqualTo(201);

        JsonNode change = StreamSupport.stream(GATE.operate("GET", "/api/v1/audit?target=/api/v1/accounts", "").json()
                .required("changes").spliterator(), false)
                .filter(each -> each.required("request").toString().contains("of-ada")).findFirst().orElseThrow();

        assertThat(change.required("actor").stringValue()).isEqualTo("The one called ada (ada)");
        assertThat(change.required("actor_kind").stringValue()).isEqualTo("oidc");
    }

    @Test
    void endsWithASignOut() throws Exception {
        visitor.signIn("vera", "");
        String session = "Cookie: postern-session=" + visitor.cookies.getCookieStore().getCookies().stream()
                .filter(cookie -> cookie.getName().equals("postern-session")).findFirst().orElseThrow().getValue();
        assertThat(RawHttp.call(GATE.managementPort(), "GET", "/console/", "", session).status()).isEqualTo(200);

        visitor.post("/console/sign-out", "_csrf=" + visitor.csrf());

        assertThat(RawHttp.call(GATE.managementPort(), "GET", "/console/", "", session).status()).isEqualTo(303);
    }

    @Test
    void isOnTheManagementPortOnly() {
        for (String path : List.of("/login/oidc", "/login/oidc/callback?code=x&state=y")) {
            assertThat(RawHttp.call(GATE.port(), "GET", path, "").status()).isNotIn(200, 303);
        }
        assertThat(RawHttp.call(GATE.managementPort(), "GET", "/login/other", "").status()).isEqualTo(404);
    }

    @Test
    void worksInABrowserAcrossSites() {
        try (Browser browser = new Browser(HERE, "en")) {
            Page page = browser.page();
            page.navigate("/console/accounts");
            browser.look("sign-in-oidc");
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign in with Acme ID")).click();
            page.locator("[name='username']").fill("ada");
            page.locator("[name='password']").fill("ada");
            page.locator("button[type='submit']").click();

            assertThat(page).hasURL(HERE + "/console/accounts");
            assertThat(page.locator("header .name")).hasText("The one called ada");
            browser.assertNoFaults();
        }
    }
}
