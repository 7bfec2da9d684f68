package dev.postern.account;

import java.security.SecureRandom;
import java.util.Base64;

/** Makes secrets. Reads the system's source of chance: not for an event loop. */
public final class KeyGenerator {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 20;
    private static final int ACCESS_TOKEN_BYTES = 44;

    private KeyGenerator() {}

    /** A key of the form that OneNET clients know: 28 characters of {@code [A-Za-z0-9=]}, 160 bits of chance less a few. */
    public static String next() {
        // '+' and '/' do not survive every client's handling of paths, where these keys stand too.
        return Base64.getEncoder().encodeToString(random(BYTES)).replace('+', '=').replace('/', '=');
    }

    /** So many random bytes in URL-safe base64 without padding. */
    public static String urlSafe(int bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random(bytes));
    }

    /** An access token in the form that clients of Juying know: 44 random bytes in URL-safe base64 with padding. */
    public static String accessToken() {
        return Base64.getUrlEncoder().encodeToString(random(ACCESS_TOKEN_BYTES));
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }
}
