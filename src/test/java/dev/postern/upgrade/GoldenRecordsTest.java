package dev.postern.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.management.FilledAccount;
import dev.postern.support.EveryScript;
import dev.postern.support.MovableClock;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestRedisServer;
import io.lettuce.core.XAddArgs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * This gate decides with the records of the last release as that release did, and writes records in the same forms, so
 * that the two can run side by side. If a test fails here, a form has changed: CONTRIBUTING.md says what to do. With
 * {@code -Ddocuments.write=true}, the class writes the file first.
 */
@OwnsItsGate
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GoldenRecordsTest {
    private static final Path FILE = Path.of("src/test/resources/records/0.1.json");
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static TestRedisServer redis;
    private static TestGate gate;
    private static JsonNode golden;

    @BeforeAll
    static void start() throws IOException {
        if (Boolean.getBoolean("documents.write")) {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, JSON.writeValueAsString(written()) + "\n");
        }
        golden = JSON.readTree(Files.readString(FILE));
        redis = new TestRedisServer();
        Files.writeString(secretKeys(redis), golden.required("secret_keys").stringValue());
        GoldenRecords.write(redis.port(), golden.required("records"));
        gate = start(redis);
        // Credentials expire at the time of the file.
        gate.context().getBean(MovableClock.class).set(Instant.parse(golden.required("at").stringValue()));
        gate.awaitLive();
    }

    @AfterAll
    static void stop() {
        gate.close();
        redis.close();
        BACKEND.close();
    }

    private static Path secretKeys(TestRedisServer server) {
        return server.directory().resolve("secret-keys.json");
    }

    private static TestGate start(TestRedisServer server) {
        return TestGate.start(new Class<?>[]{MovableClock.InTheGate.class}, server.properties(Stream.of(
                EveryScript.properties(FilledAccount.ISSUER), new String[]{"postern.backend=" + BACKEND.address(),
                        "postern.secret-keys.file=" + secretKeys(server)})
                .flatMap(Arrays::stream)
                .toArray(String[]::new)));
    }

    // The file.

    private static ObjectNode written() throws IOException {
        try (TestRedisServer server = new TestRedisServer(); TestGate writer = start(server)) {
            ObjectNode file = JSON.createObjectNode().put("at", Instant.now().toString());
            FilledAccount filled = fill(writer, file);
            ObjectNode credentials = (ObjectNode) file.required("credentials");
            filled.credentials.forEach((name, credential) -> credentials.put(name, credential.apply(writer)));
            credentials.put("master key of the receiver", filled.receiver.masterKey());
            ArrayNode calls = file.putArray("calls");
            credentials.forEachEntry((name, presented) -> note(writer, filled, calls, name, presented.stringValue()));
            file.put("secret_keys", Files.readString(secretKeys(server)));
            file.set("records", GoldenRecords.read(server.port()));
            return file;
        }
    }

    /** An account with resources of all kinds. Some credentials are revoked, disabled or expired. */
    private static FilledAccount fill(TestGate writer, ObjectNode file) {
        FilledAccount filled = FilledAccount.at(writer);
        ObjectNode refused = file.putObject("credentials");
        String key = filled.customer
                .newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"" + filled.lamp() + "\"}]}]");
        file.put("ended", writer.recordOf(key));
        file.put("ended_text", writer.redis().run(commands -> commands.get(writer.recordOf(key))).block());
        filled.customer.keys("DELETE", "/keys/" + key, "");
        refused.put("deleted API key", key);
        JsonNode off = filled.customer.make("/static-tokens", "{\"name\":\"off\",\"rules\":[]}");
        filled.customer.manage("PUT", "/static-tokens/" + off.required("id").stringValue(),
                "{\"name\":\"off\",\"rules\":[],\"enabled\":false}");
        refused.put("disabled static token", off.required("token").stringValue());
        filled.receiver.make("/license/extensions", "{\"note\":\"n\"}");
        assertThat(writer.operate("POST", "/api/v1/operators", "{\"name\":\"alice-" + filled.customer.account()
                + "\",\"role\":\"viewer\",\"password\":\"correct horse battery\"}", "Idempotency-Key: 1").status())
                .isEqualTo(201);
        return filled;
    }

    private static void note(TestGate writer, FilledAccount filled, ArrayNode calls, String name, String presented) {
        for (String target : List.of("/devices/" + filled.lamp(), "/devices/car-" + filled.customer.account(),
                "/devices/bell-" + filled.customer.account())) {
            for (String method : List.of("GET", "PUT")) {
                Reply reply = call(writer, method, target, presented);
                calls.addObject().put("credential", name).put("method", method).put("target", target)
                        .put("status", reply.status()).put("reason", reason(reply));
            }
        }
    }

    private static Reply call(TestGate at, String method, String target, String presented) {
        return RawHttp.call(at.port(), method, target, "", "Authorization: Bearer " + presented);
    }

    private static String reason(Reply reply) {
        return reply.status() < 300 ? "" : reply.reason();
    }

    // Decisions.

    @Test
    @Order(1)
    void decidesWithTheRecordsOfTheLastReleaseAsItDid() {
        assertThat(golden.required("calls").size()).isGreaterThan(80);
        for (JsonNode call : golden.required("calls")) {
            Reply reply = call(gate, call.required("method").stringValue(), call.required("target").stringValue(),
                    presented(call));

            assertThat(reply.status() + " " + reason(reply)).as("%s %s with the %s", call.required("method"),
                    call.required("target"), call.required("credential"))
                    .isEqualTo(call.required("status").intValue() + " " + call.required("reason").stringValue());
        }
    }

    /** A gate of the last release appends entries like these while this gate follows the log. */
    @Test
    @Order(2)
    void appliesTheLogOfChangesOfTheLastRelease() {
        JsonNode revoked = call("deleted API key");
        String key = golden.required("ended").stringValue();
        long gaps = gate.redis().changes().view().gaps();
        Map<String, JsonNode> log = Map.of();
        for (JsonNode record : golden.required("records")) {
            if (record.required("key").stringValue().equals("postern:{changes}:log")) {
                log = new LinkedHashMap<>();
                for (Map.Entry<String, JsonNode> entry : record.required("stream").properties()) {
                    log.put(entry.getKey(), entry.getValue());
                }
            }
        }
        assertThat(log).isNotEmpty();
        for (JsonNode entry : log.values()) {
            long number = gate.redis().run(commands -> commands.hincrby("postern:{changes}:head", "count", 1))
                    .blockOptional().orElseThrow();
            Map<String, String> fields = new LinkedHashMap<>();
            entry.forEachEntry((subject, what) -> fields.put(subject, what.stringValue()));
            gate.redis().run(commands -> commands.xadd("postern:{changes}:log",
                    new XAddArgs().id(number + "-0"), fields)).block();
        }
        // Redis goes back to the time before the deletion, as a replica may.
        gate.redis().run(commands -> commands.set(key, golden.required("ended_text").stringValue())).block();

        gate.awaitLive();
        await().atMost(LIMIT).until(() -> gate.redis().changes().view().isRevived(key,
                golden.required("ended_text").stringValue()));
        assertThat(call(gate, "GET", revoked.required("target").stringValue(),
                presented(revoked)).status()).isEqualTo(401);
        assertThat(gate.redis().changes().view().gaps()).as("entries that the gate does not know").isEqualTo(gaps);
        gate.redis().run(commands -> commands.del(key)).block();
    }

    private static String presented(JsonNode call) {
        return golden.required("credentials").required(call.required("credential").stringValue()).stringValue();
    }

    /** The first call with a credential. */
    private static JsonNode call(String credential) {
        for (JsonNode call : golden.required("calls")) {
            if (call.required("credential").stringValue().equals(credential)) {
                return call;
            }
        }
        throw new AssertionError("no call with the " + credential);
    }

    // Later versions.

    @Test
    @Order(3)
    void refusesCredentialsOfALaterVersion() {
        for (String credential : List.of("API key", "new API key", "old static token", "master key", "application",
                "terminal", "RSA token", "JWT token", "JWT token with a registered key")) {
            JsonNode call = call(credential);
            assertThat(allowed(call)).as(credential).isEqualTo("200 ");
        }
        List<String> changed = Stream.of("\"v\":1", "\"v\":2", "\"v\":1", "\"v\":1,\"later\":true").toList();
        for (int i = 0; i < changed.size(); i += 2) {
            Map<String, String> before = rewrite("string", "postern:credential:", changed.get(i), changed.get(i + 1));
            for (JsonNode call : golden.required("calls")) {
                if (!call.required("credential").stringValue().equals("deleted API key")) {
                    assertThat(allowed(call)).as(call.required("credential").stringValue())
                            .isEqualTo("500 record_unreadable");
                }
            }
            restore(before);
        }
        assertThat(allowed(call("API key"))).isEqualTo("200 ");
    }

    private static String allowed(JsonNode call) {
        Reply reply = call(gate, call.required("method").stringValue(), call.required("target").stringValue(),
                presented(call));
        return reply.status() + " " + reason(reply);
    }

    /** Changes all records whose keys begin like this; returns what they were. */
    private static Map<String, String> rewrite(String type, String prefix, String from, String to) {
        Map<String, String> before = new LinkedHashMap<>();
        for (JsonNode record : golden.required("records")) {
            String key = record.required("key").stringValue();
            if (key.startsWith(prefix) && record.has(type)) {
                String text = record.required(type).stringValue();
                before.put(key, text);
                put(key, text.replace(from, to));
            }
        }
        assertThat(before).isNotEmpty();
        return before;
    }

    private static void restore(Map<String, String> before) {
        before.forEach(GoldenRecordsTest::put);
    }

    private static void put(String key, String text) {
        gate.redis().changes().changing(gate.redis().run(commands -> commands.set(key, text)), key).block();
    }

    /** Rewrites a field of a hash, runs the check, and restores it. */
    private static void withField(String suffix, String field, String from, String to, Runnable check) {
        String key = "postern:{" + account() + "}:" + suffix;
        String text = gate.redis().run(commands -> commands.hget(key, field)).blockOptional().orElseThrow();
        assertThat(text).contains(from);
        putField(key, field, text.replace(from, to));
        try {
            check.run();
            assertThat(gate.redis().run(commands -> commands.hget(key, field)).block()).as("nothing is lost")
                    .isEqualTo(text.replace(from, to));
        } finally {
            putField(key, field, text);
        }
    }

    private static void putField(String key, String field, String text) {
        gate.redis().changes().changing(gate.redis().run(commands -> commands.hset(key, field, text)), key).block();
    }

    private static String account() {
        String target = call("master key").required("target").stringValue();
        return target.replaceAll(".*lampaccount", "account-");
    }

    private static void assertUnreadable(String method, String rest, String body) {
        Reply reply = gate.operate(method, "/api/v1/accounts/" + account() + rest, body);
        assertThat(reply.status() + " " + reason(reply)).as(method + " " + rest).isEqualTo("500 record_unreadable");
    }

    @Test
    @Order(4)
    void refusesOtherRecordsOfALaterVersionAndLosesNothingOfThem() {
        String lamp = "lamp" + account().replace("-", "");
        JsonNode master = call("master key");
        withField("license", "terms", "1|", "2|", () -> {
            assertThat(allowed(master)).isEqualTo("500 record_unreadable");
            assertUnreadable("PUT", "/license", "{\"seats\":1}");
            assertUnreadable("POST", "/devices", "{\"id\":\"new\",\"title\":\"n\"}");
        });
        for (String[] change : new String[][]{{"\"v\":1", "\"v\":2"}, {"\"v\":1", "\"v\":1,\"later\":true"}}) {
            withField("projects", "house", change[0], change[1], () -> {
                assertThat(allowed(call("RSA token"))).isEqualTo("500 record_unreadable");
                assertUnreadable("POST", "/devices", "{\"id\":\"new\",\"title\":\"n\",\"project\":\"house\"}");
                assertUnreadable("DELETE", "/devices/" + lamp, "");
            });
        }
        withField("device-details", lamp, "1|", "2|", () -> {
            assertUnreadable("GET", "/devices/" + lamp, "");
            assertUnreadable("DELETE", "/devices/" + lamp, "");
        });
        Map<String, String> accounts = rewrite("string", "postern:{" + account() + "}:account", "\"v\":1",
                "\"v\":2");
        assertThat(allowed(master)).isEqualTo("500 record_unreadable");
        assertUnreadable("POST", "/static-tokens", "{\"name\":\"another\"}");
        assertUnreadable("POST", "/devices", "{\"id\":\"new\",\"title\":\"n\"}");
        restore(accounts);
        assertThat(allowed(master)).isEqualTo("200 ");
    }

    // What this gate writes.

    @Test
    @Order(5)
    void writesRecordsInTheFormsOfTheLastRelease() throws IOException {
        gate.redis().run(commands -> commands.flushall()).block();
        gate.context().getBean(MovableClock.class).set(Instant.now());
        ObjectNode file = JSON.createObjectNode();
        FilledAccount filled = fill(gate, file);
        filled.credentials.values().forEach(credential -> call(gate, "GET", "/devices/" + filled.lamp(),
                credential.apply(gate)));

        Set<String> present = GoldenRecords.forms(GoldenRecords.read(redis.port()));
        Set<String> former = GoldenRecords.forms(golden.required("records"));
        assertThat(Stream.concat(present.stream().filter(form -> !former.contains(form)).map(form -> "now: " + form),
                former.stream().filter(form -> !present.contains(form)).map(form -> "before: " + form)))
                .as("forms have changed; CONTRIBUTING.md says what to do").isEmpty();
    }
}
