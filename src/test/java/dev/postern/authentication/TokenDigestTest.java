package dev.postern.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.credential.PresentedCredential;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TokenDigestTest {
    static String[] credentials() {
        return new String[]{"", "a", "key", "k".repeat(511), "k".repeat(512), "k".repeat(513), "ab".repeat(4096),
                "k".repeat(600) + "é" + "k".repeat(600), "日本"};
    }

    @ParameterizedTest
    @MethodSource("credentials")
    void isTheSha256OfTheUtf8Bytes(String credential) throws NoSuchAlgorithmException {
        assertThat(TokenDigest.of(new PresentedCredential(credential))).isEqualTo(expected(credential));
        if (StandardCharsets.US_ASCII.newEncoder().canEncode(credential)) {
            String header = "Bearer " + credential + " ";
            assertThat(TokenDigest.of(PresentedCredential.within(header, 7, 7 + credential.length())))
                    .as("within a header").isEqualTo(expected(credential));
            // If other characters are anywhere in a header, Java stores the whole header in another way.
            assertThat(TokenDigest.of(PresentedCredential.within(header + "日", 7, 7 + credential.length())))
                    .isEqualTo(expected(credential));
        }
        assertThat(TokenDigest.of(new PresentedCredential("next"))).as("the next on the same thread")
                .isEqualTo(expected("next"));
    }

    private static TokenDigest expected(String credential) throws NoSuchAlgorithmException {
        ByteBuffer digest = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256")
                .digest(credential.getBytes(StandardCharsets.UTF_8)));
        return new TokenDigest(digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
    }
}
