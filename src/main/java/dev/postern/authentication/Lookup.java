package dev.postern.authentication;

import dev.postern.credential.PresentedCredential;
import dev.postern.jose.Claims;
import dev.postern.jose.CompactToken;

/** The question to the store about a credential, derived from the credential alone. */
sealed interface Lookup {
    TokenDigest digest();

    /** The question for verifying again within the same call. */
    default Lookup again() {
        return this;
    }

    /** The credential was verified before: are its records still the same? */
    record Repeated(TokenDigest digest, PresentedCredential presented,
            VerifiedCredentials.Remembered remembered) implements Lookup {}

    /** An opaque credential: is there a record for it? */
    record Opaque(TokenDigest digest, String index) implements Lookup {}

    /**
     * An encrypted token: which RSA token is it encrypted for?
     *
     * @param used whether this call has already used it, if it is a one-time token
     */
    record Encrypted(TokenDigest digest, CompactToken.Encrypted token, String index,
            boolean used) implements Lookup {
        @Override
        public Lookup again() {
            return new Encrypted(digest, token, index, true);
        }
    }

    /** A signed token: which JWT token does it claim to be signed with? */
    record Signed(TokenDigest digest, CompactToken.Signed token, Claims claims, String index) implements Lookup {}

    /** A token of an external issuer: which account does it claim to be issued for? */
    record Issued(TokenDigest digest, CompactToken.Signed token, Claims claims, Issuer issuer) implements Lookup {}
}
