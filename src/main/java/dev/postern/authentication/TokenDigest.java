package dev.postern.authentication;

import dev.postern.credential.PresentedCredential;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * SHA-256 of a credential. The gate keeps it in memory in place of the credential, which cannot be recovered from it.
 */
record TokenDigest(long first, long second, long third, long fourth) {
    private static final ThreadLocal<Digester> DIGESTERS = ThreadLocal.withInitial(Digester::new);

    /** Digests the same bytes as the index of a credential, so that equal digests mean equal indexes. */
    static TokenDigest of(PresentedCredential credential) {
        return DIGESTERS.get().digest(credential);
    }

    /** One per thread. It reuses its buffers, because every call has a credential to digest. */
    private static final class Digester {
        private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
        private static final int DIGEST_BYTES = 32;

        private final MessageDigest sha256 = sha256();
        private final byte[] bytes = new byte[512];

        TokenDigest digest(PresentedCredential credential) {
            if (credential.isAscii()) {
                int length = credential.length();
                for (int at = 0; at < length; at += bytes.length) {
                    int end = Math.min(length, at + bytes.length);
                    credential.copy(at, end, bytes);
                    sha256.update(bytes, 0, end - at);
                }
            } else {
                sha256.update(credential.secret().getBytes(StandardCharsets.UTF_8));
            }
            // Erase the credential: it must not stay in memory after the call.
            Arrays.fill(bytes, (byte) 0);
            try {
                sha256.digest(bytes, 0, DIGEST_BYTES);
            } catch (DigestException impossible) {
                throw new IllegalStateException("there is room for a digest", impossible);
            }
            return new TokenDigest(at(0), at(1), at(2), at(3));
        }

        private long at(int index) {
            return (long) LONG.get(bytes, index * Long.BYTES);
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException("every JDK has SHA-256", impossible);
            }
        }
    }
}
