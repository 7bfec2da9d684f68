package dev.postern.jose;

import com.nimbusds.jose.jwk.JWK;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The keys of a JWK Set (RFC 7517) that signatures can be verified with. */
final class KeySet {
    static final KeySet NONE = new KeySet(Map.of());

    private final Map<JWK, VerificationKey> keys;
    private final Map<String, List<VerificationKey>> byId = new HashMap<>();

    private KeySet(Map<JWK, VerificationKey> keys) {
        this.keys = keys;
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
     * The key for a token. A token that names none gets the only one for its algorithm; where several have the id that it
     * names, its algorithm chooses. Whether that is the key's algorithm at all is for {@link VerificationKey#verify} to say.
     */
    Optional<VerificationKey> choose(JoseHeader header) {
        if (header.keyId().isEmpty()) {
            List<VerificationKey> fitting = keys.values().stream().filter(key -> fits(key, header)).toList();
            return fitting.size() == 1 ? Optional.of(fitting.getFirst()) : Optional.empty();
        }
        List<VerificationKey> named = byId.getOrDefault(header.keyId().get(), List.of());
        return named.stream().filter(key -> fits(key, header)).findFirst().or(() -> named.stream().findFirst());
    }

    private static boolean fits(VerificationKey key, JoseHeader header) {
        try {
            key.requireAlgorithm(header);
            return true;
        } catch (RefusedTokenException another) {
            return false;
        }
    }

    int size() {
        return keys.size();
    }
}
