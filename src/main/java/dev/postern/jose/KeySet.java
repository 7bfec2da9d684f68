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

/** The keys of a JWK Set (RFC 7517) that signatures can be verified with. */
final class KeySet {
    static final KeySet NONE = new KeySet(Map.of());
    /** As many keys are tried for one token: each costs a verification, and anybody can send tokens. */
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
     * Reads a set. Entries that cannot be used are skipped: an issuer may have keys that are for others.
     *
     * @param algorithms those accepted, as in {@code alg}
     * @param before     the set that this one follows; keys that stay are the same objects as there
     * @throws UnusableKeySetException if it is not a set, too large, or no key in it can be used
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
                // The cause might quote the key, which might be one that should be secret.
            }
        }
        if (keys.isEmpty()) {
            throw new UnusableKeySetException("no key that can be used");
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
            // Falls through to the complaint.
        }
        throw new UnusableKeySetException("not a JSON object with a list of keys");
    }

    /**
     * The keys that may have signed a token: those of its algorithm that have the id that it names, or any id where it names
     * none. None, if there are more than can be tried.
     */
    List<VerificationKey> candidates(JoseHeader header) {
        List<VerificationKey> fitting = named(header).stream().filter(key -> key.fits(header)).toList();
        return fitting.size() <= MAX_CANDIDATES ? fitting : List.of();
    }

    private Collection<VerificationKey> named(JoseHeader header) {
        return header.keyId().<Collection<VerificationKey>>map(id -> byId.getOrDefault(id, List.of()))
                .orElseGet(keys::values);
    }

    /** Why there is no candidate for a token. */
    RefusedTokenException refusal(JoseHeader header) {
        Collection<VerificationKey> named = named(header);
        if (named.stream().filter(key -> key.fits(header)).count() > MAX_CANDIDATES) {
            return new RefusedTokenException(DenyReason.TOKEN_KEY_UNKNOWN, "More than " + MAX_CANDIDATES
                    + " keys of the issuer fit the token. It has to name one.");
        }
        return header.keyId().isPresent() && !named.isEmpty()
                ? named.iterator().next().anotherAlgorithm()
                : new RefusedTokenException(DenyReason.TOKEN_KEY_UNKNOWN,
                        "The issuer has no key for the header of the token.");
    }

    /** Whether this very key is in the set. */
    boolean has(VerificationKey key) {
        return all.contains(key);
    }

    int size() {
        return keys.size();
    }
}
