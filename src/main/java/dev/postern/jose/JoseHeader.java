package dev.postern.jose;

import dev.postern.access.DenyReason;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The protected header of a token. Members that contain a key or change how the token is read are refused: the gate
 * knows the key by its ID, and the algorithm by the key. Other members are ignored.
 *
 * @param algorithm  {@code alg}
 * @param encryption {@code enc}
 * @param keyId      {@code kid}; untrusted until the token is verified
 * @param type       {@code typ} in lower case, without the prefix {@code application/}
 */
public record JoseHeader(String algorithm, Optional<String> encryption, Optional<String> keyId,
        Optional<String> type) {
    private static final int MAX_MEMBER = 256;
    private static final Set<String> REFUSED = Set.of("crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "cty", "epk",
            "p2s", "p2c");

    /** @throws RefusedTokenException if the header is not accepted */
    static JoseHeader read(byte[] bytes) {
        JsonNode json = StrictJson.object("header", bytes);
        for (String member : json.propertyNames()) {
            if (REFUSED.contains(member)) {
                throw new RefusedTokenException(DenyReason.TOKEN_HEADER_REFUSED,
                        "The header has the unsupported member " + member + ".");
            }
        }
        String algorithm = member(json, "alg").orElseThrow(
                () -> new RefusedTokenException(DenyReason.TOKEN_MALFORMED, "The header has no alg."));
        return new JoseHeader(algorithm, member(json, "enc"), member(json, "kid"),
                member(json, "typ").map(type -> type.toLowerCase(Locale.ROOT).replaceFirst("^application/", "")));
    }

    private static Optional<String> member(JsonNode json, String name) {
        JsonNode value = json.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isString() || value.stringValue().length() > MAX_MEMBER) {
            throw new RefusedTokenException(DenyReason.TOKEN_MALFORMED,
                    "The member " + name + " of the header is not a string of at most " + MAX_MEMBER
                            + " characters.");
        }
        return Optional.of(value.stringValue());
    }

    /**
     * Checks the type.
     *
     * @param required whether the header must have a type
     * @throws RefusedTokenException if the token is of another type
     */
    public void requireType(Set<String> accepted, boolean required) {
        if (type.isPresent() ? !accepted.contains(type.get()) : required) {
            throw new RefusedTokenException(DenyReason.TOKEN_HEADER_REFUSED,
                    "The typ of the token is not one of " + accepted + ".");
        }
    }
}
