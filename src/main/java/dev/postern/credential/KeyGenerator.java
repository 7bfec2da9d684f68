package dev.postern.credential;

import java.security.SecureRandom;
import java.util.Base64;

/** Makes keys of the form that OneNET clients know: 28 characters of {@code [A-Za-z0-9=]}, 160 bits of chance less a few. */
final class KeyGenerator {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 20;

    private KeyGenerator() {}

    /** Reads the system's source of chance: not for an event loop. */
    static String next() {
        byte[] random = new byte[BYTES];
        RANDOM.nextBytes(random);
        // '+' and '/' do not survive every client's handling of paths, where these keys stand too.
        return Base64.getEncoder().encodeToString(random).replace('+', '=').replace('/', '=');
    }
}
