package dev.postern.account;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * The state of a stored record, for callers that change it only if it is still as they read it. Equal states have equal
 * revisions at every gate.
 *
 * @param text 22 characters of URL-safe base64, which reveal nothing about the record
 */
public record Revision(String text) {
    private static final int BYTES = 16;

    /** @param parts everything that the record stores */
    public static Revision of(String... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                // With the length, so that no two lists of parts have the same digest.
                digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
                digest.update(bytes);
            }
            return new Revision(Base64.getUrlEncoder().withoutPadding()
                    .encodeToString(Arrays.copyOf(digest.digest(), BYTES)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
