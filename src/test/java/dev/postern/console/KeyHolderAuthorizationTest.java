package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.KeepAlive;
import dev.postern.support.OneOfEach;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Who sees which part of the key holder's page and may send which form: every route for every kind of visitor, over
 * connections. What is expected is written down here from docs/how-to/console.md. A route without a rule fails.
 */
@UsesSharedGate
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyHolderAuthorizationTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final Pattern ROUTE = Pattern.compile("\\(([A-Z]+) && (/\\S*)\\) -> .*");
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded";
    private static final String FORGERY = "The form did not come from this session.";
    private static final List<String> STRANGERS = List.of("nobody", "master key", "operator token", "planted cookie",
            "operator", "signed out");

    /** The methods of each path. Only signing in is for anybody. */
    private static final Map<String, Boolean> RULES = new TreeMap<>(Map.ofEntries(
            Map.entry("GET /me", true),
            Map.entry("GET /me/", true),
            Map.entry("GET /me/assets/{name}", true),
            Map.entry("GET /me/language", true),
            Map.entry("GET /me/sign-in", true),
            Map.entry("POST /me/sign-in", true),
            Map.entry("POST /me/sign-out", false),
            Map.entry("GET /me/api-keys", false),
            Map.entry("GET /me/new/api-keys", false),
            Map.entry("POST /me/api-keys", false),
            Map.entry("GET /me/api-keys/{id}", false),
            Map.entry("POST /me/api-keys/{id}", false),
            Map.entry("GET /me/api-keys/{id}/edit", false),
            Map.entry("GET /me/api-keys/{id}/delete", false),
            Map.entry("POST /me/api-keys/{id}/delete", false),
            Map.entry("GET /me/api-keys/{id}/file", false),
            Map.entry("GET /me/api-keys/{id}/secret", false),
            Map.entry("POST /me/api-keys/{id}/rotate", false),
            Map.entry("POST /me/api-keys/{id}/end-rotation", false)));

    private final OneOfEach all = new OneOfEach(GATE);
    private final KeepAlive connection = new KeepAlive(GATE.managementPort());
    /** The header by which each visitor is known. */
    private final Map<String, List<String>> visitors = new LinkedHashMap<>();
    private final Map<String, String> tokens = new LinkedHashMap<>();

    /** A route. */
    private record Route(String method, String path) {
        private boolean reads() {
            return method.equals("GET");
        }

        private boolean isOpen() {
            return Objects.requireNonNull(RULES.get(toString()), toString());
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    KeyHolderAuthorizationTest() {
        visitors.put("nobody", List.of());
        visitors.put("master key", List.of("Authorization: Bearer " + all.account().masterKey(),
                "api-key: " + all.account().masterKey()));
        visitors.put("operator token", List.of("Authorization: Bearer " + TestGate.OPERATOR_TOKEN));
        visitors.put("planted cookie", List.of("Cookie: postern-key-holder=planted"));
        String operator = id(connection.call("POST", "/console/sign-in", "name=" + all.operator("admin") + "&password="
                + OneOfEach.PASSWORD.replace(' ', '+'), List.of(FORM)));
        visitors.put("operator",
                List.of("Cookie: postern-session=" + operator + "; postern-key-holder=" + operator));
        visitors.put("A", signIn(all.account().masterKey()));
        visitors.put("B", signIn(all.other().masterKey()));
        List<String> ended = signIn(all.account().masterKey());
        assertThat(connection.call("POST", "/me/sign-out", "_csrf=" + csrf(ended), with(ended, FORM)).status())
                .isEqualTo(303);
        visitors.put("signed out", ended);
        tokens.put("A", csrf(visitor("A")));
        tokens.put("B", csrf(visitor("B")));
    }

    @AfterAll
    void close() {
        connection.close();
        all.close();
    }

    private static String id(Reply signedIn) {
        assertThat(signedIn.status()).as(signedIn.text()).isEqualTo(303);
        String cookie = signedIn.header("Set-Cookie");
        return cookie.substring(cookie.indexOf('=') + 1, cookie.indexOf(';'));
    }

    private List<String> signIn(String masterKey) {
        return List.of("Cookie: postern-key-holder="
                + id(connection.call("POST", "/me/sign-in", "master_key=" + masterKey, List.of(FORM))));
    }

    private String csrf(List<String> session) {
        Matcher found = Pattern.compile("data-csrf=\"([^\"]+)\"")
                .matcher(connection.call("GET", "/me/api-keys", "", session).text());
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    private List<String> visitor(String name) {
        return Objects.requireNonNull(visitors.get(name));
    }

    private static List<String> with(List<String> headers, String... more) {
        List<String> both = new ArrayList<>(headers);
        both.addAll(List.of(more));
        return both;
    }

    private static List<Route> routes() {
        List<Route> found = new ArrayList<>();
        for (String line : GATE.management().getBean(KeyHolderFilter.class).routes().toString().split("\\n", -1)) {
            Matcher route = ROUTE.matcher(line.strip());
            if (route.matches()) {
                found.add(new Route(route.group(1), route.group(2)));
            } else {
                assertThat(line).as("a route that cannot be read").isBlank();
            }
        }
        return found;
    }

    private static List<Route> closed() {
        return routes().stream().filter(route -> !route.isOpen()).toList();
    }

    private String target(Route route) {
        return all.fill(route.path());
    }

    private Reply send(Route route, List<String> headers, String form) {
        return connection.call(route.method(), target(route), route.reads() ? "" : form,
                route.reads() ? headers : with(headers, FORM));
    }

    @Test
    void everyRouteHasARule() {
        assertThat(routes().stream().map(Route::toString)).containsExactlyInAnyOrderElementsOf(RULES.keySet());
    }

    @Test
    void aHolderSeesAndMayDoAllOfIt() {
        String before = all.asItIs();
        for (Route route : closed()) {
            if (route.path().equals("/me/sign-out")) {
                continue;
            }
            Reply reply = send(route, with(visitor("A"), "X-CSRF-Token: " + tokens.get("A")), "nothing=typed");

            assertThat(reply.status()).as("%s", route).isIn(route.path().endsWith("/file")
                    ? List.of(303)
                    : route.reads() ? List.of(200) : List.of(400, 412));
            assertThat(reply.text()).as("%s", route).doesNotContain(FORGERY, "/console", all.account().masterKey());
        }
        assertThat(all.asItIs()).as("the account after all the forms without a value").isEqualTo(before);
    }

    @Test
    void theHolderOfAnotherAccountFindsNothing() {
        String before = all.asItIs();
        for (Route route : closed()) {
            if (!route.path().contains("{id}") || route.path().endsWith("/file")) {
                continue;
            }
            Reply reply = send(route, with(visitor("B"), "X-CSRF-Token: " + tokens.get("B")),
                    "name=" + (route.path().endsWith("/delete") ? all.account().account() : "of B")
                            + "&overlap=PT0S&revoke=old&etag=");

            assertThat(reply.status()).as("%s", route).isEqualTo(404);
            assertThat(all.secrets()).as("secrets that B sees at %s", route).noneMatch(reply.text()::contains);
            assertThat(reply.text()).as("%s", route).doesNotContain(all.account().account());
        }
        Reply list = connection.call("GET", "/me/api-keys?q=" + all.account().account(), "", visitor("B"));
        assertThat(list.text().replace("value=\"" + all.account().account() + "\"", "")
                .replace("“\u2068" + all.account().account(), "")).doesNotContain(all.account().account());
        assertThat(all.asItIs()).isEqualTo(before);
    }

    @Test
    void strangersAreLedToTheSignIn() {
        for (Route route : closed()) {
            for (String stranger : STRANGERS) {
                Reply page = send(route, visitor(stranger), "a=b");
                Reply script = send(route, with(visitor(stranger), "HX-Request: true"), "a=b");

                assertThat(script.status()).as("%s: %s", stranger, route).isEqualTo(204);
                if (route.reads()) {
                    assertThat(page.status()).as("%s: %s", stranger, route).isEqualTo(303);
                    assertThat(page.header("Location")).as("%s", route).startsWith("/me?next=%2Fme%2F");
                    assertThat(script.header("HX-Redirect")).as("%s", route).startsWith("/me?next=");
                } else {
                    assertThat(page.status()).as("%s: %s", stranger, route).isEqualTo(401);
                    assertThat(page.text()).contains("name=\"master_key\"");
                    assertThat(script.header("HX-Trigger")).as("%s", route).isEqualTo("sessionEnded");
                }
                assertThat(all.secrets()).noneMatch(page.text()::contains);
            }
        }
    }

    @Test
    void noFormIsTakenWithoutTheTokenOfItsSession() {
        for (Route route : closed()) {
            if (route.reads()) {
                continue;
            }
            String foreign = tokens.get("B");
            for (String form : List.of("a=1", "_csrf=", "_csrf=" + foreign, "_csrf=" + foreign + "&_csrf="
                    + tokens.get("A"))) {
                Reply reply = connection.call(route.method(), target(route), form, with(visitor("A"), FORM));
                assertThat(reply.status()).as("%s with %s", route, form).isEqualTo(403);
                assertThat(reply.text()).as("%s", route).contains(FORGERY);
            }
            assertThat(connection.call("OPTIONS", target(route), "", with(visitor("A"), "Origin: http://evil.test",
                    "Access-Control-Request-Method: POST")).status()).as("%s", route).isEqualTo(403);
        }
    }

    /** Not even with the token of the session: a page of another origin may have read it. */
    @Test
    void nothingIsDoneForAPageOfAnotherOrigin() {
        for (Route route : routes()) {
            for (String origin : List.of("http://evil.test", "http://app.gate.test", "null", "http://gate.test:81")) {
                Reply reply = connection.call(route.method(), route.path().contains("{name}")
                        ? "/me/assets/x"
                        : target(route), route.reads() ? "" : "master_key=" + all.account().masterKey(),
                        with(visitor("A"), FORM, "Origin: " + origin, "X-CSRF-Token: " + tokens.get("A")));

                assertThat(reply.status()).as("%s from %s", route, origin).isEqualTo(403);
                assertThat(reply.headers()).doesNotContainKeys("Set-Cookie", "Access-Control-Allow-Origin");
            }
        }
        for (String site : List.of("cross-site", "same-site")) {
            assertThat(connection.call("POST", "/me/sign-in", "master_key=" + all.account().masterKey(),
                    List.of(FORM, "Sec-Fetch-Site: " + site)).status()).as(site).isEqualTo(403);
        }
    }

    /** The setting is off here: a call to one of these paths is answered like a call to any other unknown path. */
    @Test
    void thePublicPortHasNoneOfItUnlessItIsSwitchedOn() {
        try (KeepAlive open = new KeepAlive(GATE.port())) {
            for (String name : List.of("nobody", "master key", "operator", "A")) {
                Map<String, Reply> unknown = new LinkedHashMap<>();
                for (Route route : routes()) {
                    String target = route.path().contains("{name}") ? "/me/assets/x" : target(route);
                    Reply reply = open.call(route.method(), target, "", visitor(name));
                    Reply usual = unknown.computeIfAbsent(route.method(),
                            method -> open.call(method, "/no/such", "", visitor(name)));

                    assertThat(reply.status()).as("%s", route).isEqualTo(usual.status()).isGreaterThan(399);
                    assertThat(withoutId(reply)).as("%s", route).isEqualTo(withoutId(usual));
                    assertThat(reply.headers()).doesNotContainKey("Set-Cookie");
                }
            }
        }
    }

    private static String withoutId(Reply reply) {
        return reply.text().replaceAll("\"request_id\":\"[^\"]*\"", "");
    }
}
