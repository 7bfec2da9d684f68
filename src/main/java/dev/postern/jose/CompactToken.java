package dev.postern.jose;

import dev.postern.access.DenyReason;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A compact token, split into its parts with limits on their sizes. Nothing in it is verified: do not trust it. */
public sealed interface CompactToken {
    /** Longest header, in characters of base64. */
    int MAX_HEADER = 1024;
    /** Longest payload or ciphertext, in characters of base64. */
    int MAX_PAYLOAD = 6144;
    /** Longest signature or encrypted key, in characters of base64: that of RSA with 4096 bits. */
    int MAX_SIGNATURE = 684;

    JoseHeader header();

    /**
     * A JWS.
     *
     * @param payload      its claims, unverified
     * @param signingInput the bytes that are signed
     */
    record Signed(JoseHeader header, byte[] payload, byte[] signingInput, String signature) implements CompactToken {
        /** Without the token, which is a credential. */
        @Override
        public String toString() {
            return "Signed[...]";
        }
    }

    /**
     * A JWE. The parts are still in base64. Their sizes are valid for RSA and AES-GCM, but the size of the encrypted
     * key must still be compared with the modulus.
     */
    record Encrypted(JoseHeader header, String encodedHeader, String encryptedKey, String iv, String ciphertext,
            String tag) implements CompactToken {
        /** Without the token, which is a credential. */
        @Override
        public String toString() {
            return "Encrypted[...]";
        }
    }

    /** Whether a credential has the form of a compact token; no other kind of credential has this form. */
    static boolean isOne(String credential) {
        int dots = dots(credential);
        return dots == 2 || dots == 4;
    }

    private static int dots(String text) {
        int dots = 0;
        for (int i = text.indexOf('.'); i >= 0; i = text.indexOf('.', i + 1)) {
            dots++;
        }
        return dots;
    }

    /** @throws RefusedTokenException if it is malformed, a part of it is too large, or its header is not accepted */
    static CompactToken read(String credential) {
        String[] parts = credential.split("\\.", -1);
        requireSize("header", parts[0], 1, MAX_HEADER);
        JoseHeader header = JoseHeader.read(decode("header", parts[0]));
        return switch (parts.length) {
            case 3 -> signed(header, parts);
            case 5 -> encrypted(header, parts);
            default ->
                throw new RefusedTokenException(DenyReason.TOKEN_MALFORMED, "A token must have three or five parts.");
        };
    }

    private static CompactToken signed(JoseHeader header, String[] parts) {
        requireSize("payload", parts[1], 1, MAX_PAYLOAD);
        requireSize("signature", parts[2], 0, MAX_SIGNATURE);
        requireBase64("signature", parts[2]);
        return new Signed(header, decode("payload", parts[1]),
                (parts[0] + '.' + parts[1]).getBytes(StandardCharsets.US_ASCII), parts[2]);
    }

    private static CompactToken encrypted(JoseHeader header, String[] parts) {
        String[] names = {"header", "encrypted key", "initialization vector", "ciphertext", "tag"};
        // AES-GCM in JWE has a vector of 96 bits and a tag of 128.
        int[] least = {1, 0, 16, 1, 22};
        int[] most = {MAX_HEADER, MAX_SIGNATURE, 16, MAX_PAYLOAD, 22};
        for (int i = 1; i < parts.length; i++) {
            requireSize(names[i], parts[i], least[i], most[i]);
            requireBase64(names[i], parts[i]);
        }
        return new Encrypted(header, parts[0], parts[1], parts[2], parts[3], parts[4]);
    }

    private static void requireSize(String what, String part, int least, int most) {
        if (part.length() < least || part.length() > most) {
            throw new RefusedTokenException(DenyReason.TOKEN_MALFORMED, "The size of the " + what + " is wrong.");
        }
    }

    private static void requireBase64(String what, String part) {
        if (!Base64Url.isValid(part)) {
            throw notBase64(what);
        }
    }

    private static byte[] decode(String what, String part) {
        requireBase64(what, part);
        try {
            return Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException notBase64) {
            throw notBase64(what);
        }
    }

    private static RefusedTokenException notBase64(String what) {
        return new RefusedTokenException(DenyReason.TOKEN_MALFORMED,
                "The " + what + " is not URL-safe base64 without padding.");
    }
}
