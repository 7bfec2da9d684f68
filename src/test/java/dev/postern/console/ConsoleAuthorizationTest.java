package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.KeepAlive;
import dev.postern.support.OneOfEach;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Who sees which page and may send which form: every route of the console for every kind of visitor, over connections.
 * What is expected is written down here from docs/how-to/console.md, and not taken from the code. A route without a
 * rule fails.
 */
@UsesSharedGate
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleAuthorizationTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final Pattern ROUTE = Pattern.compile("\\(([A-Z]+) && (/\\S*)\\) -> .*");
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded";
    private static final String FORGERY = "The form did not come from this session.";
    /**
     * The master key of the account, the operator token, a cookie that no session has, the session of a key holder:
     * nobody is signed in with them.
     */
    private static final List<String> STRANGERS = List.of("nobody", "master key", "operator token", "planted cookie",
            "key holder");

    /** The lowest role that may use a route. */
    private enum Rule {
        /** Signing in, and what the page for it needs. */
        ANYBODY(0),
        /** A viewer may "read everything except secrets, operators and the audit log", and have calls explained. */
        VIEWER(1),
        /** An editor may also "change credentials, devices, projects and users, request license extensions". */
        EDITOR(2),
        /** An administrator may also "change accounts, licenses and operators, and read the audit log", and export. */
        ADMIN(3);

        private final int least;

        Rule(int least) {
            this.least = least;
        }
    }

    /** The methods of each path, with their rule. Paths that begin with a dot are below that of an account. */
    private static final String RULES = """
            ANYBODY GET       /
            ANYBODY GET       /console
            ANYBODY GET       /console/assets/{name}
            ANYBODY GET       /console/language
            ANYBODY GET,POST  /console/sign-in
            ANYBODY GET,POST  /console/setup
            VIEWER  POST      /console/sign-out
            VIEWER  GET       /console/
            VIEWER  GET       /console/overview.json
            VIEWER  GET       /console/accounts
            ADMIN   POST      /console/accounts
            VIEWER  GET       /console/gates
            VIEWER  GET       /console/receipts/{change}
            ADMIN   GET       /console/audit
            ADMIN   GET,POST  /console/operators
            ADMIN   GET,POST  /console/operators/{name}
            ADMIN   POST      /console/operators/{name}/password
            ADMIN   POST      /console/operators/{name}/delete
            VIEWER  GET,POST  /console/password
            VIEWER  GET,POST  /console/explain
            ADMIN   GET,POST  /console/transfer
            ADMIN   GET       /console/transfer/export
            ADMIN   POST      /console/transfer/document
            VIEWER  GET       .
            ADMIN   GET,POST  ./delete
            ADMIN   GET,POST  ./master-key
            VIEWER  POST      ./token-name
            ADMIN   GET,POST  ./transfer
            ADMIN   GET       ./transfer/export
            ADMIN   POST      ./transfer/document
            VIEWER  GET       ./license
            VIEWER  GET       ./license/ledger
            ADMIN   POST      ./license
            ADMIN   POST      ./license/seat
            ADMIN   POST      ./license/extensions/{id}
            EDITOR  POST      ./license/extensions
            VIEWER  GET       ./import
            EDITOR  POST      ./import
            EDITOR  POST      ./import/part
            VIEWER  GET       ./applications/{id}/authcodes
            EDITOR  POST      ./applications/{id}/authcodes
            EDITOR  POST      ./applications/{id}/authcodes/delete
            VIEWER  GET       ./{kind}
            VIEWER  GET       ./new/{kind}
            EDITOR  POST      ./{kind}
            VIEWER  GET       ./{kind}/{id}
            EDITOR  POST      ./{kind}/{id}
            VIEWER  GET       ./{kind}/{id}/edit
            VIEWER  GET       ./{kind}/{id}/delete
            EDITOR  POST      ./{kind}/{id}/delete
            VIEWER  GET       ./{kind}/{id}/file
            VIEWER  GET       ./{kind}/{id}/secret
            EDITOR  POST      ./{kind}/{id}/rotate
            EDITOR  POST      ./{kind}/{id}/end-rotation
            """;
    /** Pages of one kind that show a secret. */
    private static final List<String> SECRETS = List.of("/rsa-tokens/{id}/file", "/api-keys/{id}/secret");

    /**
     * Forms that take effect without any value; they would end the session or delete the operator that other calls
     * need.
     */
    private static final List<String> NEED_NO_VALUE = List.of("/console/sign-out", "/console/operators/{name}/delete");

    private final OneOfEach all = new OneOfEach(GATE);
    private final KeepAlive connection = new KeepAlive(GATE.managementPort());
    private final Map<String, Rule> rules = rules();
    /** The header by which each visitor is known. */
    private final Map<String, List<String>> visitors = new LinkedHashMap<>();
    private final Map<String, String> tokens = new LinkedHashMap<>();

    /** A route. */
    private record Route(String method, String path) {
        private boolean reads() {
            return method.equals("GET");
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    ConsoleAuthorizationTest() {
        visitors.put("nobody", List.of());
        visitors.put("master key", List.of("Authorization: Bearer " + all.account().masterKey()));
        visitors.put("operator token", List.of("Authorization: Bearer " + TestGate.OPERATOR_TOKEN));
        visitors.put("planted cookie", List.of("Cookie: postern-session=planted"));
        visitors.put("key holder", keyHolder());
        for (String role : OneOfEach.ROLES) {
            List<String> session = signIn(all.operator(role), List.of());
            visitors.put(role, session);
            tokens.put(role, csrf(session));
        }
    }

    @AfterAll
    void close() {
        connection.close();
        all.close();
    }

    /** Signs in. Returns the header with the cookie. */
    private List<String> signIn(String name, List<String> headers) {
        Reply reply = connection.call("POST", "/console/sign-in",
                "name=" + name + "&password=" + OneOfEach.PASSWORD.replace(' ', '+'), with(headers, FORM));
        assertThat(reply.status()).as(reply.text()).isEqualTo(303);
        String cookie = reply.header("Set-Cookie");
        return List.of("Cookie: " + cookie.substring(0, cookie.indexOf(';')));
    }

    /** The cookie of a key holder's session, under both names. */
    private List<String> keyHolder() {
        Reply reply = connection.call("POST", "/me/sign-in", "master_key=" + all.account().masterKey(), List.of(FORM));
        assertThat(reply.status()).as(reply.text()).isEqualTo(303);
        String cookie = reply.header("Set-Cookie");
        String id = cookie.substring(cookie.indexOf('=') + 1, cookie.indexOf(';'));
        return List.of("Cookie: postern-key-holder=" + id + "; postern-session=" + id);
    }

    private String csrf(List<String> session) {
        Matcher found = Pattern.compile("data-csrf=\"([^\"]+)\"")
                .matcher(connection.call("GET", "/console/", "", session).text());
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    private static List<String> with(List<String> headers, String... more) {
        List<String> both = new ArrayList<>(headers);
        both.addAll(List.of(more));
        return both;
    }

    private static Map<String, Rule> rules() {
        Map<String, Rule> rules = new LinkedHashMap<>();
        RULES.lines().forEach(line -> {
            String[] columns = line.split(" +", 3);
            for (String method : columns[1].split(",", -1)) {
                String path = columns[2].replaceFirst("^\\.", "/console/accounts/{account}");
                assertThat(rules.put(method + " " + path, Rule.valueOf(columns[0]))).as(line).isNull();
            }
        });
        return rules;
    }

    private static List<Route> routes() {
        List<Route> found = new ArrayList<>();
        for (String line : GATE.management().getBean(ConsoleFilter.class).routes().toString().split("\\n", -1)) {
            Matcher route = ROUTE.matcher(line.strip());
            if (route.matches()) {
                found.add(new Route(route.group(1), route.group(2)));
            } else {
                assertThat(line).as("a route that cannot be read").isBlank();
            }
        }
        return found;
    }

    /** The routes. A route of a kind of credential or group is there once for each kind. */
    private static List<Route> routesOfEachKind() {
        return routes().stream().flatMap(route -> route.path().contains("{kind}")
                ? Arrays.stream(Kind.values()).map(
                        kind -> new Route(route.method(), route.path().replace("{kind}", kind.plural())))
                : List.of(route).stream()).toList();
    }

    /** The routes. A route of a kind is there for one kind only, because all kinds have the same routes. */
    private static List<Route> routesOfOneKind() {
        return routes().stream().map(route -> new Route(route.method(),
                route.path().replace("{kind}", Kind.API_KEYS.plural()))).toList();
    }

    private Rule rule(Route route) {
        if (SECRETS.stream().anyMatch(route.path()::endsWith)) {
            return Rule.EDITOR;
        }
        Rule exact = rules.get(route.toString());
        return exact != null
                ? exact
                : Objects.requireNonNull(rules.get(route.method() + " "
                        + route.path().replaceFirst("\\{account}/(new/)?[a-z-]+", "{account}/$1{kind}")));
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
        assertThat(routes().stream().map(Route::toString)).containsExactlyInAnyOrderElementsOf(rules.keySet());
    }

    /**
     * A fixed segment must not be where another route has the ID of a resource: it would hide the resource with this
     * ID.
     */
    @Test
    void noRouteHidesAResource() {
        for (Route fixed : routes()) {
            for (Route open : routes()) {
                assertThat(hides(fixed, open)).as("%s hides a resource of %s", fixed, open).isFalse();
            }
        }
    }

    private static boolean hides(Route fixed, Route open) {
        String[] ones = fixed.path().split("/", -1);
        String[] others = open.path().split("/", -1);
        if (!fixed.method().equals(open.method()) || ones.length != others.length) {
            return false;
        }
        boolean hides = false;
        for (int at = 0; at < ones.length; at++) {
            if (!canBeSame(ones[at], others[at])) {
                return false;
            }
            hides |= !ones[at].startsWith("{") && others[at].startsWith("{");
        }
        return hides;
    }

    /** Whether a segment of a path may match both of these. */
    private static boolean canBeSame(String one, String other) {
        if (one.equals("{kind}") || other.equals("{kind}")) {
            String word = one.equals("{kind}") ? other : one;
            return word.startsWith("{") || Kind.of(word).isPresent();
        }
        return one.startsWith("{") || other.startsWith("{") || one.equals(other);
    }

    @Test
    void resourcesCanHaveTheNameOfAPageAsTheirId() {
        for (String id : List.of("new", "edit", "delete", "license", "import", "transfer", "token-name")) {
            for (String kind : List.of("projects", "users")) {
                all.account().make("/" + kind, "{\"id\":\"" + id + "\",\"name\":\"N-" + id + "\",\"devices\":[]}");
                String page = "/console/accounts/" + all.account().account() + "/" + kind + "/" + id;
                for (String path : List.of(page, page + "/edit", page + "/delete")) {
                    assertThat(connection.call("GET", path, "", visitor("admin")).text()).as(path).contains("N-" + id);
                }
                assertThat(all.account().manage("DELETE", "/" + kind + "/" + id, "").status()).isEqualTo(204);
            }
        }
    }

    @Test
    void everyVisitorSeesThePagesOfItsRoleAndMaySendTheirForms() {
        String before = all.asItIs();
        List<String> wrong = new ArrayList<>();
        for (Route route : routesOfEachKind()) {
            Rule rule = rule(route);
            for (String role : OneOfEach.ROLES) {
                boolean permitted = OneOfEach.ROLES.indexOf(role) + 1 >= rule.least;
                if (rule == Rule.ANYBODY || (permitted && NEED_NO_VALUE.contains(route.path()))) {
                    continue;
                }
                Reply reply = send(route, with(visitor(role), "X-CSRF-Token: " + tokens.get(role)),
                        permitted ? "nothing=typed" : "name=" + all.name(route.path()) + "&lines=bulb-of-nobody");
                boolean refused = reply.status() == 403;
                if (permitted == refused || reply.status() >= 500 || reply.status() == 404
                        || reply.text().contains(FORGERY)) {
                    wrong.add(role + ": " + route + " is answered with " + reply.status());
                }
                if (role.equals("viewer")) {
                    assertThat(all.secrets()).as("secrets that a viewer sees at %s", route)
                            .noneMatch(reply.text()::contains);
                }
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(all.asItIs()).as("the account after all the forms without a value").isEqualTo(before);
    }

    /** The headers of a visitor. */
    private List<String> visitor(String name) {
        return Objects.requireNonNull(visitors.get(name));
    }

    @Test
    void strangersAreLedToTheSignIn() {
        for (Route route : routesOfOneKind()) {
            if (rule(route) == Rule.ANYBODY) {
                continue;
            }
            for (String stranger : STRANGERS) {
                Reply page = send(route, visitor(stranger), "a=b");
                Reply script = send(route, with(visitor(stranger), "HX-Request: true"), "a=b");

                assertThat(script.status()).as("%s: %s", stranger, route).isEqualTo(204);
                if (route.reads()) {
                    assertThat(page.status()).as("%s: %s", stranger, route).isEqualTo(303);
                    assertThat(page.header("Location")).as("%s", route).startsWith("/console/sign-in?next=");
                    assertThat(script.header("HX-Redirect")).as("%s", route).startsWith("/console/sign-in?next=");
                } else {
                    // The form is kept, in the page that asks for the password.
                    assertThat(page.status()).as("%s: %s", stranger, route).isEqualTo(401);
                    assertThat(script.header("HX-Trigger")).as("%s", route).isEqualTo("sessionEnded");
                }
                assertThat(all.secrets()).noneMatch(page.text()::contains);
            }
        }
    }

    @Test
    void noFormIsTakenWithoutTheTokenOfItsSession() {
        for (Route route : routesOfOneKind()) {
            if (route.reads() || rule(route) == Rule.ANYBODY) {
                continue;
            }
            List<String> admin = visitor("admin");
            String foreign = tokens.get("viewer");
            for (String form : List.of("a=1", "_csrf=", "_csrf=" + foreign, "_csrf=" + foreign + "&_csrf="
                    + tokens.get("admin"))) {
                Reply reply = connection.call(route.method(), target(route), form, with(admin, FORM));
                assertThat(reply.status()).as("%s with %s", route, form).isEqualTo(403);
                assertThat(reply.text()).as("%s", route).contains(FORGERY);
            }
            for (String header : List.of("", foreign)) {
                Reply reply = connection.call(route.method(), target(route), "_csrf=" + tokens.get("admin"),
                        with(admin, FORM, "X-CSRF-Token: " + header));
                assertThat(reply.text()).as("%s", route).contains(FORGERY);
            }
            // Spring routes OPTIONS by the method that a browser asks for.
            assertThat(connection.call("OPTIONS", target(route), "", with(admin, "Origin: http://evil.test",
                    "Access-Control-Request-Method: POST")).status()).as("%s", route).isEqualTo(403);
        }
    }

    /** Without a session there is no token; browsers say where such a form comes from. */
    @Test
    void nobodyIsSignedInByAnotherSite() {
        String form = "name=" + all.operator("viewer") + "&password=" + OneOfEach.PASSWORD.replace(' ', '+');
        for (String path : List.of("/console/sign-in", "/console/setup")) {
            for (String header : List.of("Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site",
                    "Origin: http://evil.test", "Origin: http://evil-gate.test", "Origin: null",
                    "Origin: http://gate.test:81")) {
                Reply reply = connection.call("POST", path, form, List.of(FORM, header));

                assertThat(reply.status()).as("%s with %s", path, header).isEqualTo(403);
                assertThat(reply.headers()).doesNotContainKey("Set-Cookie");
            }
        }
        for (String header : List.of("Origin: http://gate.test", "Sec-Fetch-Site: same-origin")) {
            assertThat(connection.call("POST", "/console/sign-in", form, List.of(FORM, header)).status()).as(header)
                    .isEqualTo(303);
        }
    }

    @Test
    void eachSignInBeginsAnotherSession() {
        List<String> first = signIn(all.operator("editor"), List.of());
        List<String> second = signIn(all.operator("editor"), first);

        assertThat(second).isNotEqualTo(first).isNotEqualTo(visitor("editor"));
        assertThat(csrf(second)).isNotEqualTo(csrf(first));
    }

    @Test
    void aSessionEndsAtTheGateWithTheSignOut() {
        List<String> session = signIn(all.operator("admin"), List.of());
        String token = csrf(session);

        assertThat(connection.call("POST", "/console/sign-out", "", with(session, "X-CSRF-Token: " + token)).status())
                .isEqualTo(303);

        assertThat(connection.call("GET", "/console/", "", session).header("Location")).startsWith("/console/sign-in");
        assertThat(connection.call("POST", "/console/accounts", "id=late&name=late",
                with(session, FORM, "X-CSRF-Token: " + token)).status()).isEqualTo(401);
        assertThat(connection.call("GET", "/console/", "", visitor("admin")).status()).as("another session")
                .isEqualTo(200);
    }

    @Test
    void thePublicPortHasNoneOfIt() {
        try (KeepAlive open = new KeepAlive(GATE.port())) {
            for (String name : List.of("nobody", "operator token", "admin", "key holder")) {
                List<String> visitor = visitor(name);
                Map<String, Reply> unknown = new LinkedHashMap<>();
                for (Route route : routesOfOneKind()) {
                    Reply reply = open.call(route.method(), target(route), "", visitor);
                    Reply usual = unknown.computeIfAbsent(route.method(),
                            method -> open.call(method, "/no/such", "", visitor));

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
