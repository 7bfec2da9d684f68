package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.documents.DocumentedClients.Result;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The programs of the pages about credentials in {@code docs/how-to}, against a gate: allowed at first, refused in the
 * end.
 */
@OwnsItsGate
@LongTest
@Order(3)
class DocumentedClientsTest {
    private static final String DEVICE = "39593230";
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestIssuer ISSUER = new TestIssuer();
    /** A gate for this test alone, because the names of the tokens in the documents are unique on a gate. */
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.issuers.example.issuer=" + TestIssuer.ISSUER,
            "postern.issuers.example.jwks-uri=" + ISSUER.jwksAddress(),
            "postern.issuers.example.audience=" + TestIssuer.AUDIENCE,
            "postern.issuers.example.account-claim=account");

    private final Customer customer = GATE.newCustomer();

    @TempDir
    Path folder = Path.of("");

    @AfterAll
    static void stopGate() {
        GATE.close();
        BACKEND.close();
    }

    @BeforeEach
    void forget() {
        BACKEND.forget();
    }

    @ParameterizedTest
    @ValueSource(strings = {"api-key shell", "static-token python", "static-token java"})
    void apiKey(String client) {
        Map<String, String> owner = Map.of("MASTER_KEY", customer.masterKey());
        Result made = run("api-key make", owner);
        assertThat(made.exitCode()).as("%s", made).isZero();
        String key = JsonMapper.shared().readTree(made.stdout()).required("data").required("key").stringValue();

        assertAllowed(client, Map.of("TOKEN", key));
        Result deleted = run("api-key delete", Map.of("MASTER_KEY", customer.masterKey(), "TOKEN", key));
        assertThat(deleted.stdout()).contains("\"errno\":0");
        assertRefused(client, Map.of("TOKEN", key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"shell", "python", "java"})
    void staticToken(String language) {
        JsonNode made = operator("static-token", Map.of()).getFirst();

        allowedThenEnded("static-token " + language, Map.of("TOKEN", text(made, "token")), "/static-tokens/", made);
    }

    @ParameterizedTest
    @CsvSource({"oauth,shell", "oauth,python", "oauth,java", "login,shell", "login,python", "login,java"})
    void application(String dialect, String language) {
        JsonNode made = operator("application", Map.of()).getFirst();

        allowedThenEnded("application-" + dialect + " " + language,
                Map.of("APP_KEY", text(made, "app_key"), "APP_SECRET", text(made, "app_secret")), "/applications/",
                made);
    }

    @ParameterizedTest
    @ValueSource(strings = {"shell", "python", "java"})
    void terminal(String language) {
        List<JsonNode> made = operator("authorize-do", Map.of());

        allowedThenEnded("authorize-do " + language,
                Map.of("APP_KEY", text(made.getFirst(), "app_key"), "AUTHCODE",
                        text(made.getLast().required("authcodes").get(0), "authcode"), "USERID", DEVICE),
                "/applications/", made.getFirst());
    }

    @ParameterizedTest
    @ValueSource(strings = {"shell", "python", "java"})
    void rsaToken(String language) throws IOException {
        operator("groups", Map.of());
        Map<String, String> environment = Map.of("TOKEN_FILE",
                folder.resolve("token.json").toAbsolutePath().toString());
        JsonNode made = operator("rsa-token", environment).getFirst();

        assertThat(Files.readString(folder.resolve("token.json"))).contains(text(made, "key_id"));
        allowedThenEnded("rsa-token " + language, environment, "/rsa-tokens/", made);
    }

    @ParameterizedTest
    @ValueSource(strings = {"shell", "python", "java"})
    void jwtTokenWithASecret(String language) {
        operator("groups", Map.of());
        JsonNode made = operator("jwt-secret", Map.of()).getFirst();

        allowedThenEnded("jwt-secret " + language, Map.of("SECRET_ID", text(made, "secret_id"), "SECRET",
                text(made, "secret"), "USER_ID", "u1"), "/jwt-tokens/", made);
    }

    @ParameterizedTest
    @CsvSource({"shell,RS256", "python,EdDSA", "java,ES256"})
    void jwtTokenWithAKeyPair(String language, String algorithm) {
        operator("groups", Map.of());
        Map<String, String> files = Map.of("ALGORITHM", algorithm, "PRIVATE_KEY",
                folder.resolve("private.pem").toAbsolutePath().toString(), "PUBLIC_KEY",
                folder.resolve("public.pem").toAbsolutePath().toString());
        assertThat(run("jwt-key-pair keys", files).exitCode()).isZero();
        JsonNode made = operator("jwt-key-pair", files).getFirst();

        Map<String, String> environment = new HashMap<>(files);
        environment.put("SECRET_ID", text(made, "secret_id"));
        environment.put("USER_ID", "u1");
        allowedThenEnded("jwt-key-pair " + language, environment, "/jwt-tokens/", made);
    }

    @ParameterizedTest
    @ValueSource(strings = {"shell", "python", "java"})
    void tokenOfAnIssuer(String language) {
        Map<String, String> environment = Map.of("ISSUER_TOKEN_URL", ISSUER.tokenAddress(), "CLIENT_ID",
                customer.account(), "CLIENT_SECRET", "any");

        assertAllowed("issuer " + language, environment);
        assertThat(GATE.operate("DELETE", "/api/v1/accounts/" + customer.account(), "").status()).isEqualTo(204);
        assertRefused("issuer " + language, environment);
    }

    @Test
    void hasAProgramForEachKindInEachLanguage() {
        assertThat(DocumentedClients.all().keySet()).filteredOn(name -> name.matches(".* (shell|python|java)"))
                .hasSize(25);
    }

    private void allowedThenEnded(String client, Map<String, String> environment, String resource, JsonNode made) {
        assertAllowed(client, environment);
        assertThat(GATE.operate("DELETE", "/api/v1/accounts/" + customer.account() + resource + text(made, "id"), "")
                .status()).isEqualTo(204);
        assertRefused(client, environment);
    }

    private void assertAllowed(String client, Map<String, String> environment) {
        Result result = run(client, environment);

        assertThat(result.exitCode()).as("%s", result).isZero();
        assertThat(result.stdout()).contains("200").contains("\"error\":\"succ\"");
        assertThat(BACKEND.single().target()).isEqualTo("/devices/" + DEVICE);
        assertThat(BACKEND.single().header("X-Postern-Account")).isEqualTo(customer.account());
    }

    private void assertRefused(String client, Map<String, String> environment) {
        BACKEND.forget();
        Result result = run(client, environment);

        assertThat(result.exitCode()).as("%s", result).isNotZero();
        assertThat(BACKEND.received()).isEmpty();
    }

    /** The JSON lines that the operator's program printed. */
    private List<JsonNode> operator(String kind, Map<String, String> environment) {
        Result result = run(kind + " operator", environment);

        assertThat(result.exitCode()).as("%s", result).isZero();
        return result.stdout().lines().filter(line -> line.startsWith("{"))
                .map(line -> JsonMapper.shared().readTree(line)).toList();
    }

    private Result run(String name, Map<String, String> more) {
        Optional<String> missing = DocumentedClients.missingTool(name);
        if (missing.isPresent() && !"true".equals(System.getenv("CI"))) {
            assumeTrue(false, "skipped, as this machine has no " + missing.get());
        }
        assertThat(missing).as("tools that are missing").isEmpty();
        Map<String, String> environment = new HashMap<>(Map.of("GATE", "http://127.0.0.1:" + GATE.port(), "MANAGEMENT",
                "http://127.0.0.1:" + GATE.managementPort(), "OPERATOR_TOKEN", TestGate.OPERATOR_TOKEN, "ACCOUNT",
                customer.account(), "DEVICE", DEVICE));
        environment.putAll(more);
        return DocumentedClients.run(name, environment);
    }

    private static String text(JsonNode json, String member) {
        return json.required(member).stringValue();
    }
}
