package dev.postern.credential;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of a credential: stands for it in the memory of the gate, from where the credential cannot be read back. */
record TokenDigest(long first, long second, long third, long fourth) {
    private static final ThreadLocal<MessageDigest> DIGESTS = ThreadLocal.withInitial(TokenDigest::sha256);

    /** Of the same bytes as the index of a credential, so that two that are one here are one there. */
    static TokenDigest of(String credential) {
        ByteBuffer digest = ByteBuffer.wrap(DIGESTS.get().digest(credential.getBytes(StandardCharsets.UTF_8)));
        return new TokenDigest(digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
