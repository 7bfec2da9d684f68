package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.operator.AttemptLimit;
import dev.postern.support.Http2Client;
import dev.postern.support.KeepAlive;
import dev.postern.support.MovableClock;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import io.lettuce.core.ScanArgs;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions of key holders, on the public port: how they begin and end, and what strangers can do there. */
@OwnsItsGate
class KeyHolderSessionsTest {
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestGate GATE = TestGate.start(new Class<?>[]{MovableClock.InTheGate.class},
            "postern.backend=" + BACKEND.address(),
            "postern.console.key-holder-page-on-public-port=true",
            "postern.forwarding.trusted-proxies=127.0.0.0/8", "postern.cors.allowed-origins=http://app.gate.test",
            "postern.cors.allow-credentials=true");
    private static final MovableClock CLOCK = GATE.context().getBean(MovableClock.class);
    private static final AtomicInteger CLIENTS = new AtomicInteger();
    private static final String ENDED_KEY = "the master key that you signed in with is no longer valid";

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.close();
    }

    private static Reply call(String method, String target, String form, String... headers) {
        return RawHttp.call(GATE.port(), method, target, form, headers);
    }

    /** Tries a master key from an address of its own. */
    private static Reply signIn(String masterKey, String next, String... headers) {
        return signInFrom("10.1.0." + CLIENTS.incrementAndGet(), masterKey, next, headers);
    }

    private static Reply signInFrom(String client, String masterKey, String next, String... headers) {
        return call("POST", "/me/sign-in", "master_key=" + masterKey + "&next=" + next,
                Stream.concat(Stream.of("X-Forwarded-For: " + client), Stream.of(headers)).toArray(String[]::new));
    }

    private static String session(Customer customer) {
        Reply reply = signIn(customer.masterKey(), "");
        assertThat(reply.status()).as(reply.text()).isEqualTo(303);
        String cookie = reply.header("Set-Cookie");
        assertThat(cookie).startsWith("postern-key-holder=").containsIgnoringCase("HttpOnly")
                .contains("SameSite=Strict", "Path=/me").doesNotContain("Secure", customer.masterKey());
        return "Cookie: " + cookie.substring(0, cookie.indexOf(';'));
    }

    private static Reply keys(String session) {
        return call("GET", "/me/api-keys", "", session);
    }

    private static String csrf(String session) {
        Matcher found = Pattern.compile("data-csrf=\"([^\"]+)\"").matcher(keys(session).text());
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    @Test
    void leadToTheKeysOfTheAccount() {
        Customer customer = GATE.newCustomer();
        String session = session(customer);

        assertThat(keys(session).status()).isEqualTo(200);
        assertThat(keys(session).header("Cache-Control")).contains("no-store");
        assertThat(keys(session).header("Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(keys(session).text()).contains(customer.account()).doesNotContain(customer.masterKey(), "/console");
        assertThat(call("GET", "/me", "", session).header("Location")).isEqualTo("/me/api-keys");
        assertThat(call("GET", "/me", "").text()).contains("name=\"master_key\"", "type=\"password\"");
        assertThat(signIn(customer.masterKey(), "", "X-Forwarded-Proto: https").header("Set-Cookie"))
                .contains("Secure");
    }

    @Test
    void makeChangesInTheNameOfTheMasterKeyAndFromTheAddressOfTheClient() {
        Customer customer = GATE.newCustomer();
        String session = session(customer);
        Reply made = call("POST", "/me/api-keys", "name=of-the-page&_csrf=" + csrf(session), session,
                "X-Forwarded-For: 192.0.2.7");

        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(GATE.operate("GET", "/api/v1/audit?limit=1&account=" + customer.account(), "").text())
                .contains("\"master_key\"", "192.0.2.7", "of-the-page").doesNotContain(customer.masterKey());
    }

    @Test
    void endWithASignOutEvenWhereTheCookieIsKept() {
        Customer customer = GATE.newCustomer();
        String session = session(customer);
        String other = session(customer);
        Reply out = call("POST", "/me/sign-out", "_csrf=" + csrf(session), session);

        assertThat(out.status()).isEqualTo(303);
        assertThat(out.header("Location")).isEqualTo("/me");
        assertThat(out.header("Set-Cookie")).contains("Max-Age=0");
        assertThat(keys(session).status()).isEqualTo(303);
        assertThat(call("GET", "/me", "", session).text()).contains("Your session has ended.");
        assertThat(keys(other).status()).as("another session").isEqualTo(200);
    }

    @Test
    void endAtOnceWithTheKeyThatBeganThemAndSayWhy() {
        Customer customer = GATE.newCustomer();
        String session = session(customer);
        String token = csrf(session);
        String fresh = customer.manage("POST", "/master-key", "").json().required("master_key").stringValue();

        Reply form = call("POST", "/me/api-keys", "name=too-late&_csrf=" + token, session,
                "Content-Type: application/x-www-form-urlencoded");
        assertThat(form.status()).isEqualTo(401);
        assertThat(form.text()).contains(ENDED_KEY, "too-late");
        assertThat(customer.manage("GET", "/api-keys", "").json().required("total_count").intValue()).isZero();
        assertThat(keys(session).header("Location")).isEqualTo("/me?next=%2Fme%2Fapi-keys");
        assertThat(signIn(customer.masterKey(), "").status()).isEqualTo(401);
        assertThat(signIn(fresh, "").status()).isEqualTo(303);

        String second = "Cookie: " + cookie(signIn(fresh, ""));
        customer.manage("POST", "/master-key", "");
        Reply page = keys(second);
        assertThat(page.header("Location")).isEqualTo("/me?next=%2Fme%2Fapi-keys&ended=key");
        assertThat(call("GET", page.header("Location"), "", second).text()).contains(ENDED_KEY);
    }

    private static String cookie(Reply signedIn) {
        String cookie = signedIn.header("Set-Cookie");
        return cookie.substring(0, cookie.indexOf(';'));
    }

    @Test
    void endWithTheAccountEvenIfThereIsAnotherOfTheSameId() {
        Customer customer = GATE.newCustomer();
        String session = session(customer);
        assertThat(customer.manage("DELETE", "", "").status()).isEqualTo(204);
        assertThat(GATE.operate("POST", "/api/v1/accounts", "{\"id\":\"" + customer.account()
                + "\",\"name\":\"Another\"}").status()).isEqualTo(201);

        assertThat(keys(session).header("Location")).endsWith("&ended=key");
    }

    @Test
    void endAfterTheirLongestLifeEvenIfTheyAreInUse() {
        String session = session(GATE.newCustomer());
        CLOCK.move(Duration.ofHours(11));
        assertThat(keys(session).status()).isEqualTo(200);
        CLOCK.move(Duration.ofMinutes(61));

        assertThat(keys(session).status()).isEqualTo(303);
        assertThat(call("GET", "/me", "", session).text()).contains("Your session has ended.");
    }

    @Test
    void haveAnIdThatNobodyChose() {
        Customer customer = GATE.newCustomer();
        String first = session(customer);
        String planted = "Cookie: postern-key-holder=planted-by-somebody";

        assertThat(cookie(signIn(customer.masterKey(), "", planted))).doesNotContain("planted");
        assertThat("Cookie: " + cookie(signIn(customer.masterKey(), "", first))).isNotEqualTo(first);
        assertThat(keys(planted).status()).isEqualTo(303);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "wrong", "%20%0A", "the-operator-token-of-the-tests", "%00%C3%28", "'; DROP",
            "%3Cscript%3E"})
    void beginWithAMasterKeyOnly(String text) {
        Reply reply = signIn(text, "");

        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.text()).contains("This is not a valid master key.").doesNotContain("operator-token",
                "<script>");
        assertThat(reply.headers()).doesNotContainKey("Set-Cookie");
    }

    @Test
    void beginNeitherWithAnotherCredentialNorWithAVeryLongText() {
        Customer customer = GATE.newCustomer();
        assertThat(signIn(customer.newKey("[]"), "").status()).isEqualTo(401);
        assertThat(signIn("x".repeat(2000), "").status()).isEqualTo(401);
        assertThat(signIn("x".repeat(20_000), "").status()).isEqualTo(413);
        assertThat(signIn("+" + customer.masterKey() + "%0A", "").status()).as("pasted with blanks").isEqualTo(303);
    }

    @ParameterizedTest
    @CsvSource({"/me/new/api-keys, /me/new/api-keys", "//evil.test/, /me/api-keys", "https://evil.test/, /me/api-keys",
            "/me/%5C%5Cevil, /me/api-keys", "/console/, /me/api-keys", "/mean, /me/api-keys",
            "/api/v1/accounts, /me/api-keys"})
    void leadToTheirOwnPagesOnly(String next, String destination) {
        assertThat(signIn(GATE.newCustomer().masterKey(), next).header("Location")).isEqualTo(destination);
    }

    @Test
    void areLimitedAfterFailuresFromOneAddress() {
        Customer customer = GATE.newCustomer();
        for (int i = 0; i < AttemptLimit.BY_SOURCE; i++) {
            assertThat(signInFrom("203.0.113.1", "wrong", "").status()).isEqualTo(401);
        }
        assertThat(signInFrom("203.0.113.1", customer.masterKey(), "").status()).isEqualTo(429);
        assertThat(signInFrom("203.0.113.2", customer.masterKey(), "").status()).isEqualTo(303);
        assertThat(RawHttp.call(GATE.managementPort(), "GET", "/api/v1/me", "",
                "Authorization: Bearer " + customer.masterKey()).status()).as("the API").isEqualTo(200);
        CLOCK.move(AttemptLimit.WINDOW.plusSeconds(1));
        assertThat(signInFrom("203.0.113.1", customer.masterKey(), "").status()).as("later").isEqualTo(303);
    }

    @Test
    void cannotBeBegunWithoutEnd() {
        Customer customer = GATE.newCustomer();
        try (KeepAlive connection = new KeepAlive(GATE)) {
            for (int i = 0; i < 300; i++) {
                assertThat(connection.call("POST", "/me/sign-in", "master_key=" + customer.masterKey(), List.of())
                        .status()).isEqualTo(303);
            }
            assertThat(connection.call("POST", "/me/sign-in", "master_key=" + customer.masterKey(), List.of())
                    .status()).isEqualTo(429);
        }
        session(GATE.newCustomer());
    }

    @Test
    void beginOverHttp2() {
        Customer customer = GATE.newCustomer();
        byte[] form = ("master_key=" + customer.masterKey()).getBytes(StandardCharsets.US_ASCII);
        try (Http2Client client = new Http2Client(GATE.port(), false)) {
            Reply reply = client.call(Http2Client.headers("POST", "/me/sign-in", "Origin: http://gate.test"), form);
            assertThat(reply.status()).isEqualTo(303);
            assertThat(client.call(Http2Client.headers("GET", "/me/api-keys", "Cookie: " + cookie(reply)), new byte[0])
                    .status()).isEqualTo(200);
            assertThat(client.call(Http2Client.headers("POST", "/me/sign-in", "Origin: http://evil.test"), form)
                    .status()).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZZZ\r\n",
            "Content-Length: 3\r\n\r\n%zz", "Content-Length: 12\r\nContent-Type: a b c\r\n\r\nmaster_key=x",
            "Cookie: postern-key-holder=\"; postern-key-holder=a.b\r\nContent-Length: 0\r\n\r\n",
            "Accept-Language: ;;;,\r\nCookie: \u00e4=;=;\r\nContent-Length: 3\r\n\r\na=b"})
    void areNotBegunByAFormThatIsNone(String rest) {
        Reply reply = RawHttp.exchange(GATE.port(), ("POST /me/sign-in HTTP/1.1\r\nHost: gate.test\r\n" + rest)
                .getBytes(StandardCharsets.ISO_8859_1));

        assertThat(reply.status()).as(reply.text()).isIn(400, 401);
    }

    @Test
    void storeNeitherTheIdNorTheMasterKey() {
        Customer customer = GATE.newCustomer();
        String id = session(customer).replaceFirst("Cookie: [^=]+=", "");
        List<String> keys = Objects.requireNonNull(GATE.redis().run(commands -> commands.scan(
                ScanArgs.Builder.matches("postern:key-holder-session:*").limit(10_000))).block()).getKeys();

        assertThat(keys).isNotEmpty().noneMatch(key -> key.contains(id));
        for (String key : keys) {
            assertThat(GATE.redis().run(commands -> commands.get(key)).block()).doesNotContain(id,
                    customer.masterKey());
            assertThat(GATE.redis().run(commands -> commands.pttl(key)).block()).isBetween(1L,
                    Duration.ofMinutes(30).toMillis());
        }
    }

    /** The gate permits this origin to call the APIs with cookies; the page is not an API. */
    @Test
    void areOfNoUseToAnAllowedOrigin() {
        Customer customer = GATE.newCustomer();
        String session = session(customer);
        for (String target : List.of("/me", "/me/api-keys", "/me/new/api-keys")) {
            Reply reply = call("GET", target, "", session, "Origin: http://app.gate.test",
                    "Sec-Fetch-Site: same-site");
            assertThat(reply.status()).as(target).isEqualTo(403);
            assertThat(reply.text()).doesNotContain(customer.account(), csrf(session));
        }
        assertThat(call("POST", "/me/api-keys", "name=cross&_csrf=" + csrf(session), session,
                "Origin: http://app.gate.test", "Sec-Fetch-Site: same-site").status()).isEqualTo(403);
    }

    /** Every route of the console, and every operation of the management API. */
    @Test
    void bringNoPageOfTheConsoleAndNoCallOfTheApiToThePublicPort() {
        Set<String> paths = new TreeSet<>();
        Matcher routes = Pattern.compile("\\([A-Z]+ && (/\\S*)\\) -> ")
                .matcher(GATE.management().getBean(ConsoleFilter.class).routes().toString());
        while (routes.find()) {
            paths.add(routes.group(1));
        }
        paths.addAll(GATE.operate("GET", "/v3/api-docs", "").json().required("paths").propertyNames());
        assertThat(paths).hasSizeGreaterThan(80).contains("/console/accounts", "/api/v1/me");
        Customer customer = GATE.newCustomer();
        String session = session(customer);
        for (String credential : List.of("X-None: 1", "Authorization: Bearer " + TestGate.OPERATOR_TOKEN,
                "api-key: " + customer.masterKey())) {
            try (KeepAlive connection = new KeepAlive(GATE)) {
                for (String method : List.of("GET", "POST")) {
                    Reply usual = connection.call(method, "/no/such", "", List.of(session, credential));
                    for (String path : paths) {
                        Reply reply = connection.call(method, path.replaceAll("[{}]", ""), "",
                                List.of(session, credential));
                        assertThat(reply.status()).as("%s %s", method, path).isEqualTo(usual.status())
                                .isGreaterThan(399);
                        assertThat(withoutId(reply)).as("%s %s", method, path).isEqualTo(withoutId(usual));
                    }
                }
            }
        }
    }

    private static String withoutId(Reply reply) {
        return reply.text().replaceAll("\"request_id\":\"[^\"]*\"", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/console/", "/console/sign-in", "/console/assets/x", "/api/v1/me", "/api/v1/accounts",
            "/login/oidc", "/actuator/health", "/v3/api-docs", "/", "/mea", "/m"})
    void bringNothingElseToThePublicPort(String target) {
        Customer customer = GATE.newCustomer();
        for (String header : List.of("X-None: 1", session(customer), "Authorization: Bearer "
                + TestGate.OPERATOR_TOKEN)) {
            Reply reply = call("GET", target, "", header);
            Reply usual = call("GET", "/no/such", "", header);
            assertThat(reply.status()).isEqualTo(usual.status()).isGreaterThan(399);
            assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/me/console/", "/me/../console/", "/me/api-keys/../../console", "/me/nothing",
            "/me/assets/import.js", "/me/accounts/x/api-keys", "/me/rsa-tokens", "/me/devices", "/me/%2e%2e/x",
            "/me;a=b/api-keys", "//me/api-keys", "/me//api-keys", "/me/api-keys/%2F", "/%6de/devices"})
    void haveNothingButTheirPages(String target) {
        Customer customer = GATE.newCustomer();
        int before = BACKEND.received().size();
        Reply reply = call("GET", target, "", session(customer), "api-key: " + customer.masterKey());

        assertThat(reply.status()).as(reply.text()).isIn(303, 400, 404);
        assertThat(BACKEND.received()).as("forwarded").hasSize(before);
    }

    @Test
    void obeyTheRulesOfThePublicPort() {
        assertThat(call("GET", "/me", "", "X-Long: " + "x".repeat(40_000)).status()).isEqualTo(431);
        assertThat(call("GET", "/me?" + "x".repeat(20_000), "").status()).isEqualTo(414);
        assertThat(call("GET", "/me", "", "Host: gate.test", "Host: other.test").status()).isEqualTo(400);
        assertThat(call("GET", "http://other.test/me", "").status()).isEqualTo(200);
        assertThat(call("GET", "/me", "", "Transfer-Encoding: chunked", "Content-Length: 3").status()).isEqualTo(400);
    }

    @Test
    void keepTheirPlaceWhileStrangersAreSlow() throws Exception {
        Customer customer = GATE.newCustomer();
        String session = session(customer);
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < PublicPages.MAX_STRANGERS; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port());
                socket.getOutputStream()
                        .write("POST /me/sign-in HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 9\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                slow.add(socket);
            }
            Awaitility.await().atMost(Duration.ofSeconds(9))
                    .until(() -> call("GET", "/me", "").status() == 503);
            assertThat(keys(session).status()).isEqualTo(200);
            assertThat(RawHttp.call(GATE.managementPort(), "GET", "/me", "").status()).isEqualTo(200);
            assertThat(GATE.call("none", "GET", "/devices/1").status()).isEqualTo(401);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> call("GET", "/me", "").status() == 200);
    }

    @Test
    void areOfOneAccountWhateverTheFormSays() {
        Customer customer = GATE.newCustomer();
        Customer other = GATE.newCustomer();
        String session = session(customer);

        assertThat(call("POST", "/me/api-keys", "name=mine&account=" + other.account() + "&_csrf=" + csrf(session),
                session).status()).isEqualTo(201);
        assertThat(other.manage("GET", "/api-keys", "").json().required("total_count").intValue()).isZero();
    }
}
