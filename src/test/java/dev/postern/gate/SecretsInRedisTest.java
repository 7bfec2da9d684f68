package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.ClientTokens;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestIssuer;
import dev.postern.support.TestRedisServer;
import io.lettuce.core.Range;
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
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Nothing that is secret is in Redis, in its memory or on its disk. */
@OwnsItsGate
class SecretsInRedisTest {
    private static final TestIssuer ISSUER = new TestIssuer();
    private static final String READ_LAMP = "[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]";

    @Test
    void holdsNoSecretAfterAFullScenario() throws IOException {
        try (RecordingBackend backend = new RecordingBackend();
                TestRedisServer redis = new TestRedisServer();
                TestGate gate = TestGate.start(redis.properties("postern.backend=" + backend.address(),
                        "postern.issuers.test.issuer=" + TestIssuer.ISSUER,
                        "postern.issuers.test.jwks-uri=" + ISSUER.jwksAddress(),
                        "postern.issuers.test.audience=" + TestIssuer.AUDIENCE,
                        "postern.issuers.test.account-claim=account"))) {
            List<String> secrets = scenario(gate);
            secrets.addAll(tokenScenario(gate));
            assertThat(secrets).hasSize(31).doesNotHaveDuplicates();

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
        return secrets;
    }

    /** Each kind of token is made, used, and changed where it can be. */
    private static List<String> tokenScenario(TestGate gate) {
        Customer customer = gate.newCustomer();
        List<String> used = new ArrayList<>();
        customer.make("/projects", "{\"id\":\"p\",\"name\":\"P\",\"devices\":[\"lamp\"]}");
        customer.make("/users", "{\"id\":\"u\",\"name\":\"U\",\"devices\":[\"lamp\"]}");
        JsonNode rotated = customer.make("/static-tokens", "{\"name\":\"generated\"}");
        used.add(text(rotated, "token"));
        used.add(text(customer.manage("POST", "/static-tokens/" + text(rotated, "id") + ":rotate", "").json(),
                "token"));
        JsonNode key = customer.make("/api-keys", "{\"name\":\"key\",\"permissions\":[{\"actions\":[\"get\"],"
                + "\"resources\":[{\"device\":\"lamp\"}]}]}");
        used.add(text(key, "key"));
        used.add(text(customer.manage("POST", "/api-keys/" + text(key, "id") + ":rotate", "").json(), "key"));
        used.add(text(customer.make("/static-tokens",
                "{\"name\":\"chosen\",\"token\":\"API_201212_JY_chosen\"}"), "token"));

        List<String> shown = new ArrayList<>();
        JsonNode software = customer.make("/applications", "{\"name\":\"s\",\"kind\":\"software\"}");
        shown.addAll(List.of(text(software, "app_key"), text(software, "app_secret")));
        used.add(accessToken(gate, text(software, "app_key"), text(software, "app_secret")));
        String revoked = accessToken(gate, text(software, "app_key"), text(software, "app_secret"));
        shown.add(revoked);
        assertThat(RawHttp.call(gate.port(), "POST", "/oauth/revoke", "token=" + revoked.replace("=", "%3D"),
                "Content-Type: application/x-www-form-urlencoded",
                basic(text(software, "app_key"), text(software, "app_secret"))).status()).isEqualTo(200);
        Reply replaced = gate.operate("POST", "/api/v1/accounts/" + customer.account() + "/applications/"
                + text(software, "id") + "/secret", "");
        shown.add(text(replaced.json(), "app_secret"));
        used.add(text(RawHttp.call(gate.port(), "POST", "/api/v1/user/login-app", "{\"appKey\":\""
                + text(software, "app_key") + "\",\"appSecret\":\"" + text(replaced.json(), "app_secret") + "\"}")
                .json().required("data"), "accesstoken"));

        JsonNode hardware = customer.make("/applications", "{\"name\":\"h\",\"kind\":\"hardware\"}");
        shown.addAll(List.of(text(hardware, "app_key"), text(hardware, "app_secret")));
        String authcode = text(customer.make("/applications/" + text(hardware, "id") + "/authcodes",
                "{\"count\":1,\"terminals\":1}").required("authcodes").get(0), "authcode");
        shown.add(authcode);
        used.add(text(RawHttp.call(gate.port(), "GET", "/httpapi/authorize.do?appkey=" + text(hardware, "app_key")
                + "&userid=lamp&authcode=" + authcode, "").json().required("data"), "accessToken"));

        JsonNode rsaToken = customer.make("/rsa-tokens",
                "{\"name\":\"rsa\",\"apis\":[\"devices\"],\"projects\":[\"p\"]}");
        JsonNode file = gate.operate("GET", "/api/v1/accounts/" + customer.account() + "/rsa-tokens/"
                + text(rsaToken, "id") + "/file", "").json();
        shown.add(text(file, "key"));
        // Nothing in Redis but the private key would contain the modulus. In base64, the text of the modulus depends on
        // where it begins; there are three possibilities.
        byte[] modulus = Base64.getUrlDecoder().decode(text(file.required("jwk"), "n"));
        for (int from = 0; from < 3; from++) {
            shown.add(Base64.getEncoder().encodeToString(Arrays.copyOfRange(modulus, from, from + 60)));
        }
        used.add(ClientTokens.encrypted(file, "\"jti\":\"an-id-of-a-token-for-one-use\""));
        shown.add("an-id-of-a-token-for-one-use");
        JsonNode jwtToken = customer.make("/jwt-tokens",
                "{\"name\":\"jwt\",\"apis\":[\"devices\"],\"users\":[\"u\"]}");
        shown.add(text(jwtToken, "secret"));
        used.add(ClientTokens.signed(jwtToken, ClientTokens.claims("\"sub\":\"u\"")));
        shown.add(text(customer.manage("POST", "/jwt-tokens/" + text(jwtToken, "id") + ":rotate", "").json(),
                "secret"));
        used.add(ISSUER.accessToken(customer.account(), "devices", ""));

        for (String token : used) {
            assertThat(gate.call(token, "GET", "/devices/lamp").status()).isEqualTo(200);
        }
        shown.addAll(used);
        return shown;
    }

    private static String accessToken(TestGate gate, String appKey, String appSecret) {
        return text(RawHttp.call(gate.port(), "POST", "/oauth/token", "grant_type=client_credentials",
                "Content-Type: application/x-www-form-urlencoded", basic(appKey, appSecret)).json(), "access_token");
    }

    private static String basic(String appKey, String appSecret) {
        return "Authorization: Basic "
                + Base64.getEncoder().encodeToString((appKey + ":" + appSecret).getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(JsonNode json, String member) {
        return json.required(member).stringValue();
    }

    private static List<String> spelledInManyWays(List<String> secrets) {
        List<String> spellings = new ArrayList<>();
        for (String secret : secrets) {
            byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
            spellings.add(secret);
            // Only the first characters: the last ones depend on what follows the secret.
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
                    case "stream" -> everything.add(commands.xrange(key, Range.unbounded()).toString());
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
