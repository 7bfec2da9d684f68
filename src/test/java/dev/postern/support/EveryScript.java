package dev.postern.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.store.RedisProcess;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate.Customer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Makes the requests that cause a gate to run all of its Lua scripts, and finds out which scripts did not run. */
public final class EveryScript {
    private static final Path SCRIPTS = Path.of("src/main/resources/dev/postern");
    /** Scripts that never run alone: other scripts begin with them. */
    private static final Set<String> BEGINNINGS = Set.of("chunks.lua", "seats.lua", "stored-bytes.lua", "records.lua",
            "note-changes.lua");
    private static final String RULES = "[{\"apis\":[\"devices\"],\"actions\":[\"get\"],\"devices\":\"all\"}]";

    private EveryScript() {}

    /** The properties that the gate needs for this, in addition to those of a Redis and a backend. */
    public static String[] properties(TestIssuer issuer) {
        return new String[]{"postern.license.enabled=true", "postern.license.minimum-devices=1",
                "postern.license.remember-for=0s",
                "postern.issuers.test.issuer=" + TestIssuer.ISSUER, "postern.issuers.test.jwks-uri="
                        + issuer.jwksAddress(),
                "postern.issuers.test.audience=" + TestIssuer.AUDIENCE, "postern.issuers.test.account-claim=account"};
    }

    /** Creates, changes and deletes an operator. */
    private static void useOperators(TestGate gate, String name) {
        assertThat(gate.operate("POST", "/api/v1/operators",
                "{\"name\":\"" + name + "\",\"role\":\"viewer\",\"password\":\"correct horse battery\"}").status())
                .isEqualTo(201);
        assertThat(gate.operate("PUT", "/api/v1/operators/" + name, "{\"role\":\"editor\"}").status()).isEqualTo(200);
        assertThat(gate.operate("DELETE", "/api/v1/operators/" + name, "").status()).isEqualTo(204);
    }

    /** Does all that can be done with devices and licenses. */
    public static void useDevicesAndLicenses(TestGate gate) {
        Customer owner = gate.newCustomer();
        Customer receiver = gate.newCustomer();
        useOperators(gate, "of-" + owner.account());
        owner.make("/projects", "{\"id\":\"house\",\"name\":\"n\",\"devices\":[]}");
        owner.make("/users", "{\"id\":\"alice\",\"name\":\"n\",\"devices\":[]}");
        owner.make("/devices", "{\"id\":\"lamp\",\"title\":\"n\",\"project\":\"house\",\"user\":\"alice\"}");
        String lines = Stream.of("lamp", "door", "car", "bell")
                .map(id -> "{\"id\":\"" + id + "\",\"title\":\"n\"}\n").collect(Collectors.joining());
        assertThat(owner.manage("POST", "/devices:import", lines).json().required("added").intValue()).isEqualTo(3);
        owner.make("/devices/lamp/shares", "{\"account\":\"" + receiver.account() + "\"}");
        for (String read : List.of("/devices", "/devices?seat=true", "/devices?seat=false", "/devices?title=n",
                "/devices?project=house&user=alice", "/devices?origin=shared", "/devices/lamp", "/devices/lamp/shares",
                "/license", "/license/ledger", "/license/ledger?after=0-0", "/license/extensions")) {
            assertThat(owner.manage("GET", read, "").status()).as(read).isEqualTo(200);
        }
        assertThat(receiver.manage("GET", "/devices/lamp", "").status()).isEqualTo(200);
        assertThat(receiver.manage("DELETE", "/devices/lamp", "").status()).isEqualTo(204);
        assertThat(receiver.manage("POST", "/devices", "{\"id\":\"lamp\",\"title\":\"n\"}").status())
                .as("a device that another account has").isEqualTo(409);
        String extension = owner.make("/license/extensions", "").required("id").stringValue();
        for (String[] change : new String[][]{{"PUT", "/license/extensions/" + extension, "{\"state\":\"approved\"}"},
                {"PUT", "/license", "{\"plan\":\"paid\",\"seats\":4}"}}) {
            assertThat(owner.manage(change[0], change[1], change[2]).status()).as(change[1]).isEqualTo(200);
        }
        assertThat(gate.call(owner.masterKey(), "GET", "/devices/bell").status()).isEqualTo(200);
        assertThat(owner.manage("PUT", "/license", "{\"seats\":3}").json().required("unseated"))
                .hasToString("[\"bell\"]");
        assertThat(owner.manage("POST", "/license/seats:move", "{\"from\":\"lamp\",\"to\":\"bell\"}").status())
                .isEqualTo(200);
        String exported = owner.manage("GET", "/export", "").text();
        assertThat(owner.manage("POST", "/import?mode=sync", exported.replace("\"title\":\"n\"", "\"title\":\"m\""))
                .json().required("changed").intValue()).isEqualTo(4);
        assertThat(owner.manage("DELETE", "/devices/door", "").status()).isEqualTo(204);
        owner.make("/devices/lamp/shares", "{\"account\":\"" + receiver.account() + "\"}");
        assertThat(owner.manage("DELETE", "", "").status()).isEqualTo(204);
        assertThat(receiver.manage("GET", "/devices", "").json().required("total_count").intValue()).isZero();
        receiver.make("/devices", "{\"id\":\"lamp\",\"title\":\"n\"}");
    }

    /** Makes, changes and ends credentials of each kind. */
    public static void useCredentials(TestGate gate) {
        Customer customer = gate.newCustomer();
        customer.make("/devices", "{\"id\":\"bulb\",\"title\":\"n\"}");
        staticToken(gate, customer);
        application(gate, customer);
        terminal(gate, customer);
        customer.make("/projects", "{\"id\":\"house\",\"name\":\"House\",\"devices\":[\"bulb\"]}");
        JsonNode rsa = customer.make("/rsa-tokens", "{\"name\":\"rsa of " + customer.account()
                + "\",\"apis\":[\"devices\"],\"projects\":[\"house\"]}");
        String token = ClientTokens.encrypted(customer.manage("GET", "/rsa-tokens/" + id(rsa) + "/file", "").json(),
                "");
        assertAllowedThenEnded(gate, customer, token, "/rsa-tokens/" + id(rsa));
        JsonNode blocked = customer.make("/blocked-subjects", "{\"issuer\":\"test\",\"subject\":\"alice\"}");
        assertThat(customer.manage("DELETE", "/blocked-subjects/" + id(blocked), "").status()).isEqualTo(204);
        String key = customer.newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"bulb\"}]}]");
        assertThat(status(gate, key)).isEqualTo(200);
        // As if an older gate had filled the account: the gate must first count what the account stores.
        gate.redis().run(commands -> commands.del("postern:{" + customer.account() + "}:stored-bytes")).block();
        assertThat(status(gate, customer.newKey("[]"))).isEqualTo(403);
        assertThat(customer.manage("DELETE", "?receipt=true", "").json().required("receipt").required("complete")
                .booleanValue()).isTrue();
        assertThat(status(gate, key)).isEqualTo(401);
    }

    private static void staticToken(TestGate gate, Customer customer) {
        JsonNode made = customer.manage("POST", "/static-tokens", "{\"name\":\"static of " + customer.account()
                + "\",\"rules\":" + RULES + "}", "Idempotency-Key: " + customer.account()).json();
        String token = made.required("token").stringValue();
        assertThat(customer.manage("PUT", "/static-tokens/" + id(made), "{\"name\":\"another of " + customer.account()
                + "\",\"rules\":" + RULES + "}").status()).isEqualTo(200);
        String path = "/static-tokens/" + id(made);
        assertThat(customer.manage("POST", path + ":rotate", "").status()).isEqualTo(200);
        assertThat(status(gate, token)).as("the old one").isEqualTo(200);
        await().atMost(Duration.ofSeconds(30)).until(() -> customer.manage("GET", path, "").json()
                .required("rotation").required("device_count").intValue() == 1);
        assertThat(status(gate, token)).isEqualTo(200);
        assertThat(customer.manage("DELETE", path, "", "If-Match: " + customer.manage("GET", path, "").header("ETag"))
                .status()).isEqualTo(204);
        assertThat(status(gate, token)).isEqualTo(401);
    }

    private static void application(TestGate gate, Customer customer) {
        JsonNode made = customer.make("/applications", "{\"name\":\"a\",\"kind\":\"software\",\"rules\":" + RULES
                + "}");
        Reply reply = TestApplication.oauth(gate, "token", "grant_type=client_credentials",
                TestApplication.basic(made.required("app_key").stringValue(),
                        made.required("app_secret").stringValue()));
        assertAllowedThenEnded(gate, customer, reply.json().required("access_token").stringValue(),
                "/applications/" + id(made));
    }

    private static void terminal(TestGate gate, Customer customer) {
        JsonNode made = customer.make("/applications", "{\"name\":\"a\",\"kind\":\"hardware\",\"rules\":" + RULES
                + "}");
        String authcode = customer.make("/applications/" + id(made) + "/authcodes", "{\"count\":1,\"terminals\":1}")
                .required("authcodes").get(0).required("authcode").stringValue();
        String token = RawHttp.call(gate.port(), "GET", "/httpapi/authorize.do?appkey="
                + made.required("app_key").stringValue() + "&userid=bulb&authcode=" + authcode, "").json()
                .required("data").required("accessToken").stringValue();
        assertAllowedThenEnded(gate, customer, token, "/applications/" + id(made) + "/authcodes/" + authcode);
    }

    private static void assertAllowedThenEnded(TestGate gate, Customer customer, String token, String path) {
        assertThat(status(gate, token)).as(path).isEqualTo(200);
        assertThat(customer.manage("DELETE", path, "").status()).as(path).isEqualTo(204);
        assertThat(status(gate, token)).as(path).isEqualTo(401);
    }

    private static int status(TestGate gate, String credential) {
        return RawHttp.call(gate.port(), "GET", "/devices/bulb", "", "Authorization: Bearer " + credential).status();
    }

    private static String id(JsonNode made) {
        return made.required("id").stringValue();
    }

    /** The scripts that none of these servers knows. */
    public static Set<String> unknownTo(List<RedisProcess> servers) throws IOException {
        Set<String> unknown = new TreeSet<>();
        for (Path script : scripts()) {
            String[] digests = digests(script);
            if (servers.stream().noneMatch(server -> server.<List<Boolean>>ask(
                    commands -> commands.scriptExists(digests)).contains(true))) {
                unknown.add(script.getFileName().toString());
            }
        }
        return unknown;
    }

    private static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.walk(SCRIPTS)) {
            return files.filter(file -> file.toString().endsWith(".lua"))
                    .filter(file -> !BEGINNINGS.contains(file.getFileName().toString())).toList();
        }
    }

    /** The digests of a script: alone, and behind some of the beginnings, which have this order. */
    private static String[] digests(Path script) throws IOException {
        List<String> texts = List.of(Files.readString(script));
        for (String beginning : List.of("license/seats.lua", "search/note-changes.lua", "account/stored-bytes.lua",
                "store/records.lua", "store/chunks.lua")) {
            String text = Files.readString(SCRIPTS.resolve(beginning));
            texts = texts.stream().flatMap(rest -> Stream.of(rest, text + rest)).toList();
        }
        return texts.stream().map(EveryScript::sha1).toArray(String[]::new);
    }

    private static String sha1(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
