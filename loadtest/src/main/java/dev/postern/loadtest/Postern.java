package dev.postern.loadtest;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Makes what the callers need at a gate that has just been started, by its management API. */
final class Postern {
    static final String OPERATOR = "the-operator-token-of-the-comparison";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int KEYS_OF_AN_ACCOUNT = 1000;
    private static final int DEVICES_OF_A_KEY = 10;
    private static final long TOKEN_LIFE_SECONDS = Duration.ofHours(20).toSeconds();

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port;
    private final int management;

    Postern(int port, int management) {
        this.port = port;
        this.management = management;
    }

    /** Credentials for the device {@code lamp}. */
    record Credentials(String apiKey, String streamKey, String staticToken, String jwt, String rsaToken) {}

    Credentials prepare(RSAKey signing, String publicPem) {
        JsonNode account = manage("POST", "/accounts", Map.of("id", "bench", "name", "Comparison"));
        String master = text(account, "master_key");
        manage("POST", "/accounts/bench/projects", Map.of("id", "house", "name", "house", "devices", List.of("lamp")));
        manage("POST", "/accounts/bench/users", Map.of("id", "u1", "name", "u1", "devices", List.of("lamp")));
        String staticToken = text(manage("POST", "/accounts/bench/static-tokens", Map.of("name", "static", "rules",
                List.of(Map.of("apis", "all", "actions", List.of("get"), "devices", List.of("lamp"))))), "token");
        JsonNode jwt = manage("POST", "/accounts/bench/jwt-tokens", Map.of("name", "jwt", "apis",
                List.of("devices", "datapoints"), "users", List.of("u1"), "public_key", publicPem));
        JsonNode rsa = manage("POST", "/accounts/bench/rsa-tokens", Map.of("name", "rsa", "apis",
                List.of("devices", "datapoints"), "projects", List.of("house")));
        JsonNode file = manage("GET", "/accounts/bench/rsa-tokens/" + text(rsa, "id") + "/file", Map.of());
        return new Credentials(key(master, List.of(Map.of("dev_id", "lamp"))),
                key(master, List.of(Map.of("dev_id", "lamp", "ds_id", "temp"), Map.of("dev_id", "lamp", "ds_id", "hum"))),
                staticToken, sign(signing, text(jwt, "secret_id"), "\"sub\":\"u1\",\"device\":\"lamp\""),
                encrypt(file));
    }

    /** Many keys, each for ten devices of its own. */
    List<Wrk.Identity> many(int keys, Progress progress) {
        List<Wrk.Identity> all = new ArrayList<>();
        String master = "";
        for (int i = 0; i < keys; i++) {
            if (i % KEYS_OF_AN_ACCOUNT == 0) {
                String account = "many-" + i / KEYS_OF_AN_ACCOUNT;
                master = text(manage("POST", "/accounts", Map.of("id", account, "name", account)), "master_key");
                progress.say("Making keys: " + i + " of " + keys);
            }
            List<Map<String, String>> devices = new ArrayList<>();
            for (int j = 0; j < DEVICES_OF_A_KEY; j++) {
                devices.add(Map.of("dev_id", "d" + i + "-" + j));
            }
            String key = key(master, devices);
            devices.forEach(device -> all.add(new Wrk.Identity(key, device.get("dev_id"))));
        }
        return all;
    }

    private String key(String master, List<Map<String, String>> resources) {
        JsonNode made = send(port, "POST", "/keys", Map.of("title", "comparison", "permissions", List.of(
                Map.of("access_methods", List.of("get", "put", "post"), "resources", resources))), "api-key", master);
        return text(made.path("data"), "key");
    }

    static String sign(RSAKey key, String keyId, String claims) {
        long now = Instant.now().getEpochSecond();
        try {
            JWSObject token = new JWSObject(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(keyId).type(JOSEObjectType.JWT).build(),
                    new Payload("{" + claims + ",\"iat\":" + now + ",\"exp\":" + (now + TOKEN_LIFE_SECONDS) + "}"));
            token.sign(new RSASSASigner(key));
            return token.serialize();
        } catch (JOSEException failed) {
            throw new Failure("cannot sign", failed);
        }
    }

    private static String encrypt(JsonNode file) {
        long now = Instant.now().getEpochSecond();
        try {
            JWEObject token = new JWEObject(new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
                    .keyID(text(file, "key_id")).build(),
                    new Payload("{\"key\":\"" + text(file, "key") + "\",\"iat\":" + now + ",\"exp\":"
                            + (now + TOKEN_LIFE_SECONDS) + "}"));
            token.encrypt(new RSAEncrypter(RSAKey.parse(file.path("jwk").toString())));
            return token.serialize();
        } catch (JOSEException | ParseException failed) {
            throw new Failure("cannot encrypt", failed);
        }
    }

    private static String text(JsonNode json, String member) {
        String value = json.path(member).asString("");
        if (value.isEmpty()) {
            throw new Failure("the gate's answer has no " + member + ": " + json);
        }
        return value;
    }

    private JsonNode manage(String method, String path, Map<String, ?> body) {
        return send(management, method, "/api/v1" + path, body, "Authorization", "Bearer " + OPERATOR);
    }

    private JsonNode send(int to, String method, String path, Map<String, ?> body, String header, String value) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + to + path))
                .timeout(Duration.ofSeconds(30)).header(header, value).header("Content-Type", "application/json")
                .method(method, method.equals("GET")
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new Failure(method + " " + path + " was answered with " + response.statusCode() + " "
                        + response.body());
            }
            return JSON.readTree(response.body());
        } catch (IOException failed) {
            throw new Failure(method + " " + path, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", interrupted);
        }
    }
}
