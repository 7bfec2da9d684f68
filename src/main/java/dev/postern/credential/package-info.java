/**
 * Finds and verifies what a caller presents; keeps accounts, and issues, changes and ends their credentials.
 *
 * <ul>
 * <li>Verifying: {@link dev.postern.credential.Presentation} finds the credential, {@link dev.postern.credential.Authenticator}
 * asks one of the verifiers ({@code OpaqueVerifier}, {@code RsaTokenVerifier}, {@code JwtTokenVerifier}, {@code Issuer}), which
 * read {@code Facts}; {@code VerifiedCredentials} remembers.
 * <li>The kinds: {@link dev.postern.credential.Credential} and its records, written and read by {@code CredentialCodec}.
 * <li>Issuing: a class for each kind ({@link dev.postern.credential.ApiKeys}, {@link dev.postern.credential.StaticTokens},
 * {@link dev.postern.credential.Applications}, {@link dev.postern.credential.AccessTokens}, {@link
 * dev.postern.credential.Terminals}, {@link dev.postern.credential.RsaTokens}, {@link dev.postern.credential.JwtTokens}) over
 * {@code ManagedCredentials} and {@code Listing}; {@code Endings} says how each ends.
 * <li>Around them: {@link dev.postern.credential.Accounts}, {@link dev.postern.credential.DeviceGroups}, {@link
 * dev.postern.credential.BlockedSubjects}.
 * </ul>
 */
@NullMarked
package dev.postern.credential;

import org.jspecify.annotations.NullMarked;
