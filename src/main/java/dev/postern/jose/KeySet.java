package dev.postern.jose;

import com.nimbusds.jose.jwk.JWK;
import dev.postern.access.DenyReason;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The keys of a JWK Set (RFC 7517) that can verify signatures. */
final class KeySet {
    static final KeySet NONE = new KeySet(Map.of());
    /**
     * The maximum number of keys that are tried for one token: each costs a verification, and anybody can send tokens.
     */
    static final int MAX_CANDIDATES = 4;

    private final Map<JWK, VerificationKey> keys;
    private final Map<String, List<VerificationKey>> byId = new HashMap<>();
    private final Set<VerificationKey> all = Collections.newSetFromMap(new IdentityHashMap<>());

    private KeySet(Map<JWK, VerificationKey> keys) {
        this.keys = keys;
        all.addAll(keys.values());
        keys.forEach((jwk, key) -> {
            if (jwk.getKeyID() != null) {
                byId.computeIfAbsent(jwk.getKeyID(), _ -> new ArrayList<>()).add(key);
            }
        });
    }

    /**
     * Reads a set. Entries that cannot be used are skipped: an issuer may publish keys for other purposes.
     *
     * @param algorithms the accepted algorithms, as in {@code alg}
     * @param before     the previous set; keys that are still in the new one remain the same objects
     * @throws UnusableKeySetException if it is not a key set, too large, or has no usable key
     */
    static KeySet read(byte[] json, List<String> algorithms, int maxKeys, KeySet before) {
        JsonNode entries = entries(json);
        if (entries.size() > maxKeys) {
            throw new UnusableKeySetException("more than " + maxKeys + " keys");
        }
        Map<JWK, VerificationKey> keys = new LinkedHashMap<>();
        for (JsonNode entry : entries) {
            try {
                JWK jwk = JWK.parse(entry.toString());
                VerificationKey known = before.keys.get(jwk);
                keys.put(jwk, known == null ? VerificationKey.ofPublic(jwk, algorithms) : known);
            } catch (ParseException | RuntimeException unusable) {
                // The cause might quote the key, which might be a private one published by mistake.
            }
        }
        if (keys.isEmpty()) {
            throw new UnusableKeySetException("no usable key");
        }
        return new KeySet(keys);
    }

    private static JsonNode entries(byte[] json) {
        try {
            JsonNode entries = StrictJson.object("key set", json).get("keys");
            if (entries != null && entries.isArray()) {
                return entries;
            }
        } catch (RefusedTokenException notJson) {
            // Falls through to the error.
        }
        throw new UnusableKeySetException("not a JSON object with a list of keys");
    }

    /**
     * The keys that may have signed a token: those for its algorithm, and with its key ID if it has one. Empty if there
     * are more than {@link #MAX_CANDIDATES}.
     */
    List<VerificationKey> candidates(JoseHeader header) {
        List<VerificationKey> fitting = named(header).stream().filter(key -> key.fits(header)).toList();
        return fitting.size() <= MAX_CANDIDATES ? fitting : List.of();
    }

    private Collection<VerificationKey> named(JoseHeader header) {
        return header.keyId().<Collection<VerificationKey>>map(id -> byId.getOrDefault(id, List.of()))
                .orElseGet(keys::values);
    }

    /** The refusal of a token for which there is no candidate. */
    RefusedTokenException refusal(JoseHeader header) {
        Collection<VerificationKey> named = named(header);
        if (named.stream().filter(key -> key.fits(header)).count() > MAX_CANDIDATES) {
            return new RefusedTokenException(DenyReason.TOKEN_KEY_UNKNOWN, "More than " + MAX_CANDIDATES
                    + " keys of the issuer fit the token. It must name one.");
        }
        return header.keyId().isPresent() && !named.isEmpty()
                ? named.iterator().next().anotherAlgorithm()
                : new RefusedTokenException(DenyReason.TOKEN_KEY_UNKNOWN,
                        "The issuer has no key that matches the token's header.");
    }

    /** Whether this key object is in the set. */
    boolean has(VerificationKey key) {
        return all.contains(key);
    }

    int size() {
        return keys.size();
    }
}
