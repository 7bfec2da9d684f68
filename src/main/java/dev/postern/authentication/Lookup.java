package dev.postern.authentication;

import dev.postern.credential.PresentedCredential;
import dev.postern.jose.Claims;
import dev.postern.jose.CompactToken;

/** What has to be asked of the store about a credential, as far as can be told from the credential itself. */
sealed interface Lookup {
    TokenDigest digest();

    /** The same once more, within the same call. */
    default Lookup again() {
        return this;
    }

    /** It was verified before: whether the records are still the same. */
    record Repeated(TokenDigest digest, PresentedCredential presented,
            VerifiedCredentials.Remembered remembered) implements Lookup {}

    /** Whether there is a record of it. */
    record Opaque(TokenDigest digest, PresentedCredential presented) implements Lookup {}

    /**
     * The RSA token for which it was encrypted.
     *
     * @param used whether this very call has used it already, where it is for one use
     */
    record Encrypted(TokenDigest digest, CompactToken.Encrypted token, String index,
            boolean used) implements Lookup {
        @Override
        public Lookup again() {
            return new Encrypted(digest, token, index, true);
        }
    }

    /** The JWT token with whose key it claims to be signed. */
    record Signed(TokenDigest digest, CompactToken.Signed token, Claims claims, String index) implements Lookup {}

    /** The account for which it claims to be issued. */
    record Issued(TokenDigest digest, CompactToken.Signed token, Claims claims, Issuer issuer) implements Lookup {}
}
