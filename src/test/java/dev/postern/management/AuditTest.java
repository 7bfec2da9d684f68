package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestRedisServer;
import io.lettuce.core.Range;
import io.lettuce.core.XAddArgs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every change has an entry in the audit log, and no entry can be edited unnoticed. */
@OwnsItsGate
class AuditTest {
    private static final String ENTRIES = "postern:{audit}:entries";
    private static final String HEAD = "postern:{audit}:head";
    private static final TestRedisServer REDIS = new TestRedisServer();
    private static final TestGate GATE = TestGate
            .start(REDIS.properties("postern.backend=http://127.0.0.1:1"));

    @AfterAll
    static void stop() {
        GATE.close();
        REDIS.close();
    }

    private static List<JsonNode> changes(String query) {
        Reply reply = GATE.operate("GET", "/api/v1/audit" + query, "");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return StreamSupport.stream(reply.json().required("changes").spliterator(), false).toList();
    }

    private static JsonNode verification() {
        return GATE.operate("GET", "/api/v1/audit/verify", "").json();
    }

    @Test
    void hasEachChangeWithWhatWasBeforeAndAfter() {
        Customer customer = GATE.newCustomer();
        String id = customer.make("/static-tokens", "{\"name\":\"" + customer.account() + " first\"}").required("id")
                .stringValue();
        customer.manage("PUT", "/static-tokens/" + id, "{\"name\":\"" + customer.account() + " second\",\"rules\":[]}");
        customer.manage("DELETE", "/static-tokens/" + id, "");

        List<JsonNode> changes = changes("?account=" + customer.account());

        assertThat(changes).extracting(change -> change.required("action").stringValue())
                .startsWith("DELETE", "PUT", "POST");
        assertThat(changes).allSatisfy(change -> {
            assertThat(change.required("actor").stringValue()).isEqualTo("operator token");
            assertThat(change.required("source").stringValue()).isEqualTo("127.0.0.1");
            assertThat(change.required("outcome").stringValue()).isEqualTo("done");
            assertThat(change.required("ended_at").isString()).isTrue();
        });
        JsonNode put = changes.get(1);
        assertThat(put.required("target").stringValue())
                .isEqualTo("/api/v1/accounts/" + customer.account() + "/static-tokens/" + id);
        assertThat(put.required("before").required("name").stringValue()).endsWith("first");
        assertThat(put.required("request").required("name").stringValue()).endsWith("second");
        assertThat(put.required("after").required("name").stringValue()).endsWith("second");
        assertThat(changes.getFirst().required("before").required("name").stringValue()).endsWith("second");
        assertThat(changes.getFirst().required("after").isNull()).isTrue();
    }

    @Test
    void hasTheWholeChangeOfAResourceWhoseIdLooksLikeACall() {
        Customer customer = GATE.newCustomer();
        for (String list : List.of("/users", "/projects")) {
            for (String id : List.of("x:import", "import", "authcodes")) {
                customer.make(list, "{\"id\":\"" + id + "\",\"name\":\"first\",\"devices\":[]}");
                assertThat(customer.manage("PUT", list + "/" + id, "{\"name\":\"second\",\"devices\":[\"lamp\"]}")
                        .status()).isEqualTo(200);

                JsonNode put = changes("?account=" + customer.account()).getFirst();
                assertThat(put.required("target").stringValue()).endsWith(list + "/" + id);
                assertThat(put.required("before").path("name").asString("")).as(id).isEqualTo("first");
                assertThat(put.required("request").path("devices").path(0).asString("")).as(id).isEqualTo("lamp");
                assertThat(put.required("after").path("name").asString("")).as(id).isEqualTo("second");
            }
        }
        customer.make("/devices", "{\"id\":\"x:import\",\"title\":\"first\"}");
        assertThat(customer.manage("DELETE", "/devices/x:import", "").status()).isEqualTo(204);
        assertThat(changes("?account=" + customer.account()).getFirst().required("before").path("title").asString(""))
                .isEqualTo("first");
    }

    @Test
    void hasTheWholePathOfACallAboutAnAccountCalledAuthcodes() {
        assertThat(GATE.operate("POST", "/api/v1/accounts", "{\"id\":\"authcodes\",\"name\":\"n\"}").status())
                .isEqualTo(201);
        String base = "/api/v1/accounts/authcodes";
        assertThat(GATE.operate("POST", base + "/users", "{\"id\":\"u\",\"name\":\"n\",\"devices\":[]}").status())
                .isEqualTo(201);
        GATE.operate("DELETE", base + "/applications/none/authcodes/a-secret", "");

        assertThat(changes("?account=authcodes")).extracting(change -> change.required("target").stringValue())
                .startsWith(base + "/applications/none/authcodes", base + "/users");
    }

    @Test
    void hasChangesThatWereRefused() {
        Customer customer = GATE.newCustomer();
        assertThat(customer.manage("POST", "/static-tokens", "{\"nam\":1}").status()).isEqualTo(400);

        JsonNode change = changes("?account=" + customer.account()).getFirst();

        assertThat(change.required("outcome").stringValue()).isEqualTo("refused");
        assertThat(change.required("status").intValue()).isEqualTo(400);
    }

    @Test
    void hasNoSecrets() {
        Customer customer = GATE.newCustomer();
        List<String> secrets = new ArrayList<>(
                List.of(customer.masterKey(), "a-chosen-token-1234567", "pass phrase of"));
        customer.make("/static-tokens",
                "{\"name\":\"" + customer.account() + " s\",\"token\":\"a-chosen-token-1234567\"}");
        secrets.add(customer.make("/static-tokens", "{\"name\":\"" + customer.account() + " t\"}").required("token")
                .stringValue());
        JsonNode application = customer.make("/applications",
                "{\"name\":\"" + customer.account() + "\",\"kind\":\"hardware\"}");
        secrets.add(application.required("app_secret").stringValue());
        secrets.add(application.required("app_key").stringValue());
        String base = "/applications/" + application.required("id").stringValue();
        secrets.add(customer.manage("POST", base + "/secret", "").json().required("app_secret").stringValue());
        String authcode = customer.manage("POST", base + "/authcodes", "{\"count\":1,\"terminals\":1,\"valid_days\":1}")
                .json().required("authcodes").get(0).required("authcode").stringValue();
        secrets.add(authcode);
        customer.manage("DELETE", base + "/authcodes/" + authcode, "");
        String project = customer.make("/projects", "{\"name\":\"p\",\"devices\":[]}").required("id").stringValue();
        String user = customer.make("/users", "{\"name\":\"u\",\"devices\":[]}").required("id").stringValue();
        customer.make("/rsa-tokens", "{\"name\":\"" + customer.account()
                + " r\",\"apis\":[\"devices\"],\"projects\":[\"" + project + "\"]}");
        JsonNode jwt = customer.make("/jwt-tokens",
                "{\"name\":\"" + customer.account() + " j\",\"apis\":[\"devices\"],\"users\":[\"" + user + "\"]}");
        secrets.add(jwt.required("secret").stringValue());
        customer.manage("DELETE", "/jwt-tokens/" + jwt.required("id").stringValue(), "");
        GATE.operate("POST", "/api/v1/operators",
                "{\"name\":\"" + customer.account().toLowerCase(Locale.ROOT)
                        + "\",\"role\":\"viewer\",\"password\":\"pass phrase of nobody\"}");

        String everything = GATE.redis().run(commands -> commands.xrange(ENTRIES, Range.unbounded())).blockOptional()
                .orElseThrow().toString();

        assertThat(everything).contains(customer.account()).contains("***");
        assertThat(secrets).allSatisfy(secret -> assertThat(everything).doesNotContain(secret));
    }

    @Test
    void isFilteredAndPaged() {
        Customer customer = GATE.newCustomer();
        for (int i = 0; i < 5; i++) {
            customer.make("/projects", "{\"name\":\"p" + i + "\",\"devices\":[]}");
        }
        String query = "?account=" + customer.account() + "&action=POST&target=/api/v1/accounts/" + customer.account()
                + "/projects&limit=2";
        List<Long> seen = new ArrayList<>();
        for (JsonNode page = GATE.operate("GET", "/api/v1/audit" + query, "").json();; page = GATE.operate("GET",
                "/api/v1/audit" + query + "&before=" + page.required("next_before").longValue(), "").json()) {
            page.required("changes").forEach(change -> {
                assertThat(change.required("outcome").stringValue()).isEqualTo("done");
                seen.add(change.required("seq").longValue());
            });
            if (page.required("next_before").isNull()) {
                break;
            }
        }

        assertThat(seen).hasSize(5).isSortedAccordingTo((one, other) -> Long.compare(other, one))
                .doesNotHaveDuplicates();
        assertThat(changes("?account=" + customer.account() + "&actor=nobody")).isEmpty();
        assertThat(changes("?account=" + customer.account() + "&to=2020-01-01T00:00:00Z")).isEmpty();
        assertThat(changes("?account=" + customer.account() + "&from=2020-01-01T00:00:00Z")).hasSize(5);
        assertThat(GATE.operate("GET", "/api/v1/audit?from=yesterday", "").status()).isEqualTo(400);
    }

    @Test
    void showsWhatWasEditedOrRemoved() {
        try (TestRedisServer redis = new TestRedisServer();
                TestGate gate = TestGate.start(redis.properties("postern.backend=http://127.0.0.1:1"))) {
            gate.newCustomer();
            gate.newCustomer();
            JsonNode intact = gate.operate("GET", "/api/v1/audit/verify", "").json();
            assertThat(intact.required("intact").booleanValue()).as(intact.toString()).isTrue();
            assertThat(intact.required("last").longValue()).isEqualTo(4);

            String hash = gate.redis().run(commands -> commands.hget(HEAD, "hash")).blockOptional().orElseThrow();
            gate.redis().run(commands -> commands.hset(HEAD, "hash", "0".repeat(hash.length()))).block();
            assertThat(gate.operate("GET", "/api/v1/audit/verify", "").json().required("fault").stringValue())
                    .isEqualTo("The hash of entry 4 differs from the one recorded when it was written.");
            gate.redis().run(commands -> commands.hset(HEAD, "hash", hash)).block();

            edit(gate, "3-0");
            JsonNode edited = gate.operate("GET", "/api/v1/audit/verify", "").json();
            assertThat(edited.required("fault").stringValue()).isEqualTo("Entry 3 was changed.");

            gate.redis().run(commands -> commands.xdel(ENTRIES, "3-0")).block();
            assertThat(gate.operate("GET", "/api/v1/audit/verify", "").json().required("fault").stringValue())
                    .isEqualTo("Entries 3 to 3 are missing.");

            gate.redis().run(commands -> commands.xdel(ENTRIES, "4-0")).block();
            assertThat(gate.operate("GET", "/api/v1/audit/verify", "").json().required("fault").stringValue())
                    .isEqualTo("The last entry is 2, but 4 were written.");
        }
    }

    /** Redis cannot edit an entry of a stream, but somebody can write the stream anew. */
    private static void edit(TestGate gate, String id) {
        var entries = gate.redis().run(commands -> commands.xrange(ENTRIES, Range.unbounded())).blockOptional()
                .orElseThrow();
        gate.redis().run(commands -> commands.del(ENTRIES)).block();
        entries.forEach(entry -> {
            Map<String, String> body = new LinkedHashMap<>(entry.getBody());
            if (entry.getId().equals(id)) {
                body.computeIfPresent("entry", (_, record) -> record.replace("127.0.0.1", "127.0.0.2"));
            }
            gate.redis().run(commands -> commands.xadd(ENTRIES,
                    new XAddArgs().id(entry.getId()), body)).block();
        });
    }

    @Test
    void isOneChainOfAllGates() throws Exception {
        try (TestGate second = TestGate.start(REDIS.properties("postern.backend=http://127.0.0.1:1",
                "postern.secret-keys.file=" + GATE.context().getEnvironment().getProperty("postern.data-dir")
                        + "/secret-keys.json"))) {
            long before = verification().required("last").longValue();
            Customer customer = GATE.newCustomer();
            try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
                List<Future<Integer>> calls = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    String body = "{\"name\":\"p" + i + "\",\"devices\":[]}";
                    TestGate gate = i % 2 == 0 ? GATE : second;
                    calls.add(threads.submit(() -> gate.operate("POST",
                            "/api/v1/accounts/" + customer.account() + "/projects", body).status()));
                }
                for (Future<Integer> call : calls) {
                    assertThat(call.get()).isEqualTo(201);
                }
            }

            JsonNode verified = verification();
            assertThat(verified.required("intact").booleanValue()).as(verified.toString()).isTrue();
            assertThat(verified.required("last").longValue() - before).isGreaterThanOrEqualTo(82);
            assertThat(changes("?account=" + customer.account() + "&limit=200")).hasSize(40)
                    .allSatisfy(change -> assertThat(change.required("outcome").stringValue()).isEqualTo("done"));
        }
    }

    @Test
    void isWrittenBeforeTheChangeOrTheChangeIsNotMade() {
        Customer customer = GATE.newCustomer();
        GATE.redis().run(commands -> commands.rename(HEAD, "postern:{audit}:away")).block();
        GATE.redis().run(commands -> commands.set(HEAD, "by hand")).block();
        try {
            assertThat(customer.manage("POST", "/projects", "{\"name\":\"p\",\"devices\":[]}").status())
                    .isGreaterThanOrEqualTo(500);
            assertThat(customer.manage("GET", "/projects", "").json().required("total_count").intValue()).isZero();
        } finally {
            GATE.redis().run(commands -> commands.rename("postern:{audit}:away", HEAD)).block();
        }
        assertThat(customer.manage("POST", "/projects", "{\"name\":\"p\",\"devices\":[]}").status()).isEqualTo(201);
    }
}
