/**
 * Turns the credential that a caller presents into a principal. {@link dev.postern.authentication.Presentation} finds
 * the credential in the headers; {@link dev.postern.authentication.Authenticator} picks the verifier of its kind
 * ({@code OpaqueVerifier}, {@code RsaTokenVerifier}, {@code JwtTokenVerifier}, {@code Issuer}); the verifiers read
 * stored records through {@code VerificationRecords}; {@code VerifiedCredentials} caches the outcome with the records
 * that it depends on.
 */
@NullMarked
package dev.postern.authentication;

import org.jspecify.annotations.NullMarked;
