/**
 * From what a caller presents to a principal. {@link dev.postern.authentication.Presentation} finds the credential in the
 * headers; {@link dev.postern.authentication.Authenticator} picks the verifier of its kind ({@code OpaqueVerifier}, {@code
 * RsaTokenVerifier}, {@code JwtTokenVerifier}, {@code Issuer}); the verifiers read stored records through {@code Facts}; {@code
 * VerifiedCredentials} remembers the outcome with the records that it rests on.
 */
@NullMarked
package dev.postern.authentication;

import org.jspecify.annotations.NullMarked;
