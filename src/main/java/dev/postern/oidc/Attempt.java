package dev.postern.oidc;

import dev.postern.account.KeyGenerator;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An attempt to sign in, from the redirect to the provider until the browser comes back. It is in a sealed cookie,
 * which binds it to the browser and costs the gate no memory.
 *
 * @param state    must come back with the browser
 * @param nonce    must be in the ID token
 * @param verifier proves to the provider that the gate began the attempt (PKCE)
 * @param next     the page to show after signing in
 * @param redirect where the provider sends the browser
 */
record Attempt(String state, String nonce, String verifier, String next, String redirect, Instant begun) {
    /** The longest time that somebody has to sign in at the provider. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    private static final String CONTEXT = "oidc-attempt";
    private static final int BYTES = 32;
    private static final int MAX_NEXT = 1000;
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Not for an event loop: it takes random numbers. */
    static Attempt begin(String next, String redirect, Instant now) {
        return new Attempt(KeyGenerator.urlSafe(BYTES), KeyGenerator.urlSafe(BYTES), KeyGenerator.urlSafe(BYTES),
                next.length() > MAX_NEXT ? "" : next, redirect, now);
    }

    /** The {@code code_challenge} for the verifier, with the method S256. */
    String challenge() {
        try {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(
                    MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    boolean isOf(String returnedState) {
        return MessageDigest.isEqual(state.getBytes(StandardCharsets.UTF_8),
                returnedState.getBytes(StandardCharsets.UTF_8));
    }

    String seal(SecretKeys secrets) {
        return secrets.seal(JSON.writeValueAsString(JSON.createObjectNode().put("state", state).put("nonce", nonce)
                .put("verifier", verifier).put("next", next).put("redirect", redirect)
                .put("begun", begun.toEpochMilli())), CONTEXT);
    }

    /** Empty if the gate did not seal it, or the attempt has taken too long. */
    static Optional<Attempt> open(String sealed, SecretKeys secrets, Instant now) {
        try {
            JsonNode json = JSON.readTree(secrets.open(sealed, CONTEXT));
            return Optional.of(new Attempt(text(json, "state"), text(json, "nonce"), text(json, "verifier"),
                    text(json, "next"), text(json, "redirect"),
                    Instant.ofEpochMilli(json.required("begun").longValue())))
                    .filter(attempt -> now.isBefore(attempt.begun().plus(LONGEST)));
        } catch (UnreadableRecordException | JacksonException notOurs) {
            return Optional.empty();
        }
    }

    private static String text(JsonNode json, String member) {
        return json.required(member).stringValue();
    }

    /** Leaves out the secrets. */
    @Override
    public String toString() {
        return "Attempt[" + begun + "]";
    }
}
