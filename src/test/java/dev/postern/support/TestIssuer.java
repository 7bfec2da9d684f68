package dev.postern.support;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;

/** An external issuer of access tokens with its keys at an address. */
public final class TestIssuer {
    public static final String ISSUER = "https://issuer.test";
    public static final String AUDIENCE = "https://gate.test";

    private final List<RSAKey> keys = new CopyOnWriteArrayList<>();
    private final DisposableServer server;

    public TestIssuer() {
        addKey("first");
        this.server = HttpServer.create().host("127.0.0.1").port(0).route(routes -> routes
                .get("/jwks", (_, response) -> response.header("Content-Type", "application/json")
                        .sendString(Mono.fromSupplier(this::keySet)))
                .post("/token", (request, response) -> request.receive().then(
                        // Signing may wait for random numbers from the system.
                        Mono.fromSupplier(() -> accessToken(client(request), "devices:get", ""))
                                .subscribeOn(Schedulers.boundedElastic()))
                        .flatMap(token -> response.header("Content-Type", "application/json")
                                .sendString(Mono.just("{\"access_token\":\"" + token + "\"}")).then())))
                .bindNow();
    }

    private String keySet() {
        return new JWKSet(keys.stream().map(RSAKey::toPublicJWK).map(JWK.class::cast).toList()).toString();
    }

    /** The client ID of a request with Basic. At this issuer, it is the ID of the account. */
    private static String client(HttpServerRequest request) {
        String basic = request.requestHeaders().get("Authorization").substring("Basic ".length());
        return new String(Base64.getDecoder().decode(basic), StandardCharsets.US_ASCII).split(":", -1)[0];
    }

    /** Begins to sign with another key; the earlier keys stay published. */
    public void addKey(String keyId) {
        try {
            keys.addFirst(new RSAKeyGenerator(2048).keyID(keyId).generate());
        } catch (JOSEException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** Begins to sign with another key, and publishes no other. */
    public void replaceKeys(String keyId) {
        addKey(keyId);
        keys.retainAll(List.of(keys.getFirst()));
    }

    public String jwksAddress() {
        return "http://127.0.0.1:" + server.port() + "/jwks";
    }

    /** Where clients get access tokens. The ID of the client is the ID of the account. */
    public String tokenAddress() {
        return "http://127.0.0.1:" + server.port() + "/token";
    }

    /** An access token (RFC 9068) for an account. The text {@code more} follows its other claims. */
    public String accessToken(String account, String scope, String more) {
        RSAKey key = keys.getFirst();
        return ClientTokens.signed(key, key.getKeyID(), "at+jwt", ClientTokens.claims("\"iss\":\"" + ISSUER
                + "\",\"aud\":\"" + AUDIENCE + "\",\"sub\":\"alice\",\"client_id\":\"app\",\"jti\":\"1\",\"account\":\""
                + account + "\",\"scope\":\"" + scope + "\"" + (more.isEmpty() ? "" : "," + more)));
    }

    /** A token of these claims, signed by the issuer. */
    public String signed(String type, String payload) {
        RSAKey key = keys.getFirst();
        return ClientTokens.signed(key, key.getKeyID(), type, payload);
    }

    /** The same, with this algorithm and key ID; without a key ID if it is empty. */
    public String signed(JWSAlgorithm algorithm, String keyId, String payload) {
        JWSHeader.Builder header = new JWSHeader.Builder(algorithm);
        JWSObject token = new JWSObject((keyId.isEmpty() ? header : header.keyID(keyId)).build(),
                new Payload(payload));
        try {
            token.sign(new RSASSASigner(keys.getFirst()));
            return token.serialize();
        } catch (JOSEException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
