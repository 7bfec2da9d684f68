package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Operators with names, passwords and roles, and what they may do. */
@OwnsItsGate
class OperatorsTest {
    private static final TestGate GATE = TestGate.start("postern.backend=http://127.0.0.1:1");
    private static final String PASSWORD = "correct horse battery";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    @AfterAll
    static void stop() {
        GATE.close();
    }

    private static String create(String role) {
        String name = role + NUMBER.incrementAndGet();
        Reply reply = GATE.operate("POST", "/api/v1/operators",
                "{\"name\":\"" + name + "\",\"role\":\"" + role + "\",\"password\":\"" + PASSWORD + "\"}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        assertThat(reply.header("Location")).isEqualTo("/api/v1/operators/" + name);
        return name;
    }

    private static Reply call(String authorization, String method, String target, String body) {
        return RawHttp.call(GATE.managementPort(), method, target, body, "Authorization: " + authorization,
                "Content-Type: application/json");
    }

    private static String basic(String name, String password) {
        return "Basic "
                + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static Reply as(String operator, String method, String target, String body) {
        return call(basic(operator, PASSWORD), method, target, body);
    }

    @Test
    void signInWithNameAndPassword() {
        String admin = create("admin");

        Reply me = as(admin, "GET", "/api/v1/me", "");

        assertThat(me.status()).isEqualTo(200);
        assertThat(me.json().required("name").stringValue()).isEqualTo(admin);
        assertThat(me.json().required("kind").stringValue()).isEqualTo("operator");
        assertThat(me.json().required("role").stringValue()).isEqualTo("admin");
        assertThat(as(admin, "GET", "/api/v1/operators", "").text()).contains(admin).doesNotContain("$2a$", PASSWORD);
    }

    @ParameterizedTest
    @CsvSource({"viewer, GET, 200", "viewer, POST, 403", "editor, POST, 201", "admin, POST, 201"})
    void mayDoWhatTheirRolePermits(String role, String method, int status) {
        Customer customer = GATE.newCustomer();

        Reply reply = as(create(role), method, "/api/v1/accounts/" + customer.account() + "/static-tokens",
                method.equals("GET") ? "" : "{\"name\":\"" + customer.account() + "\"}");

        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        if (status == 403) {
            assertThat(reply.reason()).isEqualTo("role_insufficient");
        }
    }

    @Test
    void readNoSecretsAsViewers() {
        Customer customer = GATE.newCustomer();
        customer.make("/users", "{\"id\":\"u\",\"name\":\"u\",\"devices\":[]}");
        JsonNode jwt = customer.make("/jwt-tokens",
                "{\"name\":\"" + customer.account() + " jwt\",\"apis\":[],\"users\":[\"u\"]}");
        JsonNode application = customer.make("/applications",
                "{\"name\":\"" + customer.account() + "\",\"kind\":\"hardware\"}");
        String authcodes = "/applications/" + application.required("id").stringValue() + "/authcodes";
        JsonNode authcode = customer.make(authcodes, "{\"count\":1,\"terminals\":1,\"valid_days\":1}");
        String base = "/api/v1/accounts/" + customer.account();
        String path = base + "/jwt-tokens/" + jwt.required("id").stringValue();
        String secret = jwt.required("secret").stringValue();
        String viewer = create("viewer");

        assertThat(as(create("editor"), "GET", path, "").text()).contains(secret);
        assertThat(as(viewer, "GET", path, "").text()).doesNotContain(secret).contains("***");
        assertThat(as(viewer, "GET", path, "").json().required("created_at").stringValue()).startsWith("20");
        assertThat(as(viewer, "GET", base + authcodes, "").text()).contains("\"authcodes\":[{").doesNotContain(
                authcode.required("authcodes").get(0).required("authcode").stringValue());
        assertThat(as(viewer, "GET", base + "/applications", "").text())
                .doesNotContain(application.required("app_key").stringValue());
    }

    @Test
    void loseTheirRightsAtOnce() {
        String editor = create("editor");
        assertThat(as(editor, "GET", "/api/v1/accounts", "").status()).isEqualTo(200);

        assertThat(GATE.operate("PUT", "/api/v1/operators/" + editor, "{\"role\":\"editor\",\"enabled\":false}")
                .status()).isEqualTo(200);
        assertThat(as(editor, "GET", "/api/v1/accounts", "").reason()).isEqualTo("sign_in_failed");

        GATE.operate("PUT", "/api/v1/operators/" + editor, "{\"role\":\"viewer\"}");
        assertThat(as(editor, "POST", "/api/v1/accounts", "{}").reason()).isEqualTo("role_insufficient");

        assertThat(GATE.operate("DELETE", "/api/v1/operators/" + editor, "").status()).isEqualTo(204);
        assertThat(as(editor, "GET", "/api/v1/accounts", "").status()).isEqualTo(401);
    }

    @Test
    void changeTheirOwnPasswordOnly() {
        String one = create("viewer");
        String other = create("viewer");
        String changed = "{\"password\":\"another long pass phrase\"}";

        assertThat(as(one, "PUT", "/api/v1/operators/" + other + "/password", changed).status()).isEqualTo(403);
        assertThat(as(one, "PUT", "/api/v1/operators/" + one + "/password", changed).status()).isEqualTo(200);

        assertThat(as(one, "GET", "/api/v1/me", "").status()).isEqualTo(401);
        assertThat(call(basic(one, "another long pass phrase"), "GET", "/api/v1/me", "").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{\"name\":\"Upper\",\"role\":\"admin\",\"password\":\"correct horse battery\"} | name",
            "{\"name\":\"a b\",\"role\":\"admin\",\"password\":\"correct horse battery\"} | name",
            "{\"name\":\"ok\",\"role\":\"boss\",\"password\":\"correct horse battery\"} | role",
            "{\"name\":\"ok\",\"role\":\"admin\",\"password\":\"short\"} | password",
            "{\"name\":\"ok\",\"role\":\"admin\",\"password\":\"aaaaaaaaaaaaaaaa\"} | password",
            "{\"name\":\"okay\",\"role\":\"admin\",\"password\":\"my name is Okay!\"} | password",
            "{\"name\":\"ok\",\"role\":\"admin\"} | password"})
    void areRefusedWithTheMemberThatIsWrong(String body, String member) {
        Reply reply = GATE.operate("POST", "/api/v1/operators", body);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().required("detail").stringValue()).contains(member).doesNotContain("horse", "short");
    }

    @Test
    void areUnique() {
        String name = create("viewer");

        assertThat(GATE.operate("POST", "/api/v1/operators",
                "{\"name\":\"" + name + "\",\"role\":\"admin\",\"password\":\"" + PASSWORD + "\"}").status())
                .isEqualTo(409);
    }

    @Test
    void cannotTryForever() {
        String victim = create("admin");
        Reply reply = call(basic(victim, "wrong"), "GET", "/api/v1/me", "");
        assertThat(reply.status()).isEqualTo(401);
        for (int i = 0; i < 9; i++) {
            assertThat(call(basic(victim, "wrong " + i), "GET", "/api/v1/me", "").status()).isEqualTo(401);
        }

        Reply limited = as(victim, "GET", "/api/v1/me", "");

        assertThat(limited.status()).isEqualTo(429);
        assertThat(limited.reason()).isEqualTo("too_many_attempts");
        assertThat(Integer.parseInt(String.valueOf(limited.header("Retry-After")))).isBetween(1, 901);
        assertThat(GATE.operate("GET", "/api/v1/accounts", "").status()).as("the operator token").isEqualTo(200);
        assertThat(as(create("viewer"), "GET", "/api/v1/me", "").status()).as("another operator").isEqualTo(200);
    }

    @Test
    void holdersOfAMasterKeySeeTheirAccountOnly() {
        Customer mine = GATE.newCustomer();
        Customer other = GATE.newCustomer();
        String key = "Bearer " + mine.masterKey();

        assertThat(call(key, "GET", "/api/v1/accounts/" + mine.account(), "").status()).isEqualTo(200);
        assertThat(call(key, "POST", "/api/v1/accounts/" + mine.account() + "/static-tokens",
                "{\"name\":\"" + mine.account() + "\"}").status()).isEqualTo(201);
        assertThat(call(key, "GET", "/api/v1/me", "").json().required("account").stringValue())
                .isEqualTo(mine.account());
        for (String target : List.of("/api/v1/accounts/" + other.account(), "/api/v1/accounts", "/api/v1/gates",
                "/api/v1/audit", "/api/v1/operators", "/api/v1/accounts/nobody", "/actuator/info")) {
            assertThat(call(key, "GET", target, "").status()).as(target).isEqualTo(404);
        }
        assertThat(call(key, "PUT", "/api/v1/accounts/" + mine.account() + "/license", "{\"seats\":100}").status())
                .isEqualTo(403);
        GATE.operate("POST", "/api/v1/accounts/" + mine.account() + "/master-key", "");
        assertThat(call(key, "GET", "/api/v1/accounts/" + mine.account(), "").status()).isEqualTo(401);
    }
}
