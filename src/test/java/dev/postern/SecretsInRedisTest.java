package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.TestGate.Customer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Nothing that is secret is in Redis, in its memory or on its disk. */
class SecretsInRedisTest {
    private static final String READ_LAMP = "[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]";

    @Test
    void holdsNoSecretAfterAFullScenario() throws IOException {
        try (RecordingBackend backend = new RecordingBackend();
                TestRedisServer redis = new TestRedisServer();
                TestGate gate = TestGate.start(redis.properties("postern.backend=" + backend.address()))) {
            List<String> secrets = scenario(gate);
            assertThat(secrets).hasSize(12).doesNotHaveDuplicates();

            List<String> everything = everythingIn(gate);
            assertThat(everything).hasSizeGreaterThan(8);
            for (String secret : spelledInManyWays(secrets)) {
                assertThat(everything).noneMatch(value -> value.contains(secret));
            }
            try (Stream<Path> files = Files.walk(redis.directory())) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
                    for (String secret : spelledInManyWays(secrets)) {
                        assertThat(bytes).as(file.toString()).doesNotContain(secret);
                    }
                }
            }
        }
    }

    private static List<String> scenario(TestGate gate) {
        List<String> secrets = new ArrayList<>(List.of(TestGate.OPERATOR_TOKEN, "a-token-that-nobody-issued"));
        Customer customer = gate.newCustomer();
        secrets.add(customer.masterKey());
        String key = customer.newKey(READ_LAMP);
        secrets.add(key);
        secrets.add(customer.newKey(READ_LAMP));
        assertThat(gate.call(key, "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(gate.call("a-token-that-nobody-issued", "GET", "/devices/lamp").status()).isEqualTo(401);
        JsonNode put = customer.keys("PUT", "/keys/" + key, "{\"title\":\"new\",\"permissions\":" + READ_LAMP + "}");
        assertThat(put.required("errno").intValue()).isZero();
        assertThat(customer.keys("GET", "/keys", "").toString()).contains(key);
        JsonNode replaced = gate.operate("POST", "/api/v1/accounts/" + customer.account() + "/master-key", "").json();
        secrets.add(replaced.required("master_key").stringValue());
        secrets.addAll(managed(customer));
        return secrets;
    }

    private static List<String> managed(Customer customer) {
        List<String> secrets = new ArrayList<>();
        secrets.add(customer.make("/static-tokens", "{\"name\":\"static\"}").required("token").stringValue());
        JsonNode application = customer.make("/applications", "{\"name\":\"app\",\"kind\":\"hardware\"}");
        String place = "/applications/" + application.required("id").stringValue();
        secrets.add(application.required("app_secret").stringValue());
        secrets.add(customer.manage("POST", place + "/secret", "").json().required("app_secret").stringValue());
        secrets.add(customer.make(place + "/authcodes", "{\"count\":1,\"terminals\":1}").required("authcodes").get(0)
                .required("authcode").stringValue());
        secrets.add(customer.make("/jwt-tokens", "{\"name\":\"jwt\",\"apis\":[],\"users\":[]}").required("secret")
                .stringValue());
        JsonNode rsa = customer.make("/rsa-tokens", "{\"name\":\"rsa\",\"apis\":[],\"projects\":[]}");
        secrets.add(customer.manage("GET", "/rsa-tokens/" + rsa.required("id").stringValue() + "/file", "").json()
                .required("key").stringValue());
        return secrets;
    }

    private static List<String> spelledInManyWays(List<String> secrets) {
        List<String> spellings = new ArrayList<>();
        for (String secret : secrets) {
            byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
            spellings.add(secret);
            // The padding of the last group depends on what follows it.
            spellings.add(Base64.getEncoder().encodeToString(bytes).substring(0, 24));
            spellings.add(HexFormat.of().formatHex(bytes));
            spellings.add(new StringBuilder(secret).reverse().toString());
        }
        return spellings;
    }

    private static List<String> everythingIn(TestGate gate) {
        List<String> everything = new ArrayList<>();
        RedisClient client = RedisClient.create(RedisURI.create("127.0.0.1",
                gate.context().getEnvironment().getRequiredProperty("spring.data.redis.port", Integer.class)));
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisCommands<String, String> commands = connection.sync();
            ScanIterator<String> keys = ScanIterator.scan(commands);
            while (keys.hasNext()) {
                String key = keys.next();
                everything.add(key);
                switch (commands.type(key)) {
                    case "string" -> everything.add(commands.get(key));
                    case "zset" -> everything.addAll(commands.zrange(key, 0, -1));
                    case "hash" -> everything.add(commands.hgetall(key).toString());
                    case "set" -> everything.addAll(commands.smembers(key));
                    case "list" -> everything.addAll(commands.lrange(key, 0, -1));
                    default ->
                        throw new AssertionError("a type that this test does not look into: " + commands.type(key));
                }
            }
        } finally {
            client.shutdown();
        }
        return everything;
    }
}
