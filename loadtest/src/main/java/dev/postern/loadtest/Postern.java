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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Makes what the callers need at a gate that has just been started, by its management API. */
final class Postern {
    static final String OPERATOR = "the-operator-token-of-the-comparison";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int KEYS_OF_AN_ACCOUNT = 1000;
    private static final int DEVICES_OF_A_KEY = 10;
    /** How many accounts are filled at a time. */
    private static final int MAKERS = 8;
    private static final int PROGRESS_EVERY = 10_000;
    /** How many keys are called at random. */
    private static final int MAX_CALLED = 10_000;
    private static final long TOKEN_LIFE_SECONDS = Duration.ofHours(20).toSeconds();

    private final HttpClient http = HttpClient.newHttpClient();
    private final int management;

    Postern(int management) {
        this.management = management;
    }

    /** Credentials for the device {@code lamp}. */
    record Credentials(String apiKey, String streamKey, String staticToken, String jwt, String rsaToken) {}

    Credentials prepare(RSAKey signing, String publicPem) {
        manage("POST", "/accounts", Map.of("id", "bench", "name", "Comparison"));
        manage("POST", "/accounts/bench/projects", Map.of("id", "house", "name", "house", "devices", List.of("lamp")));
        manage("POST", "/accounts/bench/users", Map.of("id", "u1", "name", "u1", "devices", List.of("lamp")));
        String staticToken = text(manage("POST", "/accounts/bench/static-tokens", Map.of("name", "static", "rules",
                List.of(Map.of("apis", "all", "actions", List.of("get"), "devices", List.of("lamp"))))), "token");
        JsonNode jwt = manage("POST", "/accounts/bench/jwt-tokens", Map.of("name", "jwt", "apis",
                List.of("devices", "datapoints"), "users", List.of("u1"), "public_key", publicPem));
        JsonNode rsa = manage("POST", "/accounts/bench/rsa-tokens", Map.of("name", "rsa", "apis",
                List.of("devices", "datapoints"), "projects", List.of("house")));
        JsonNode file = manage("GET", "/accounts/bench/rsa-tokens/" + text(rsa, "id") + "/file", Map.of());
        return new Credentials(key("bench", List.of(Map.of("device", "lamp"))),
                key("bench", List.of(Map.of("device", "lamp", "stream", "temp"), Map.of("device", "lamp", "stream", "hum"))),
                staticToken, sign(signing, text(jwt, "secret_id"), "\"sub\":\"u1\",\"device\":\"lamp\""),
                encrypt(file));
    }

    /**
     * Makes many keys, each for ten devices of its own.
     *
     * @return the keys that are called: all, or as many as clients can have at a time, spread evenly
     */
    List<Wrk.Identity> many(int keys, Progress progress) {
        AtomicInteger made = new AtomicInteger();
        List<Callable<List<Wrk.Identity>>> accounts = new ArrayList<>();
        for (int first = 0; first < keys; first += KEYS_OF_AN_ACCOUNT) {
            int from = first;
            accounts.add(() -> account(from, Math.min(from + KEYS_OF_AN_ACCOUNT, keys), keys, made, progress));
        }
        List<Wrk.Identity> all = new ArrayList<>();
        try (ExecutorService makers = Executors.newFixedThreadPool(MAKERS)) {
            for (Future<List<Wrk.Identity>> each : makers.invokeAll(accounts)) {
                all.addAll(each.get());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", interrupted);
        } catch (ExecutionException failed) {
            throw new Failure("cannot make the keys", failed);
        }
        return all;
    }

    private List<Wrk.Identity> account(int from, int to, int keys, AtomicInteger made, Progress progress) {
        String account = "many-" + from / KEYS_OF_AN_ACCOUNT;
        manage("POST", "/accounts", Map.of("id", account, "name", account));
        int every = Math.max(1, keys / MAX_CALLED);
        List<Wrk.Identity> called = new ArrayList<>();
        for (int i = from; i < to; i++) {
            List<Map<String, String>> devices = new ArrayList<>();
            for (int j = 0; j < DEVICES_OF_A_KEY; j++) {
                devices.add(Map.of("device", "d" + i + "-" + j));
            }
            String key = key(account, devices);
            if (i % every == 0) {
                devices.forEach(device -> called.add(new Wrk.Identity(key, device.get("device"))));
            }
            int sofar = made.incrementAndGet();
            if (sofar % PROGRESS_EVERY == 0) {
                progress.say("Made %d of %d keys".formatted(sofar, keys));
            }
        }
        return called;
    }

    private String key(String account, List<Map<String, String>> resources) {
        return text(manage("POST", "/accounts/" + account + "/api-keys", Map.of("name", "comparison", "permissions",
                List.of(Map.of("actions", List.of("get", "put", "post"), "resources", resources)))), "key");
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
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/api/v1" + path))
                .timeout(Duration.ofSeconds(30)).header("Authorization", "Bearer " + OPERATOR).header("Content-Type", "application/json")
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
