package dev.postern.account;

import java.security.SecureRandom;
import java.util.Base64;

/** Generates secrets. Reads the system's random source, which may block: do not call on an event loop. */
public final class KeyGenerator {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 20;
    private static final int ACCESS_TOKEN_BYTES = 44;

    private KeyGenerator() {}

    /**
     * A key in the format that OneNET clients expect: 28 characters of {@code [A-Za-z0-9=]}, with slightly less than
     * 160 bits of entropy.
     */
    public static String next() {
        // These keys also appear in paths, where not every client preserves '+' and '/'.
        return Base64.getEncoder().encodeToString(random(BYTES)).replace('+', '=').replace('/', '=');
    }

    /** This many random bytes in URL-safe base64 without padding. */
    public static String urlSafe(int bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random(bytes));
    }

    /** An access token in the format that Juying clients expect: 44 random bytes in URL-safe base64 with padding. */
    public static String accessToken() {
        return Base64.getUrlEncoder().encodeToString(random(ACCESS_TOKEN_BYTES));
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }
}
