/**
 * Creates, changes and revokes credentials, and the accounts that own them. There is one class for each kind
 * ({@link dev.postern.issuance.ApiKeys}, {@link dev.postern.issuance.StaticTokens},
 * {@link dev.postern.issuance.Applications}, {@link dev.postern.issuance.AccessTokens},
 * {@link dev.postern.issuance.Terminals}, {@link dev.postern.issuance.RsaTokens},
 * {@link dev.postern.issuance.JwtTokens}) over {@code ManagedCredentials} and {@code Listing};
 * {@code CredentialRemoval} deletes a credential with everything that belongs to it.
 */
@NullMarked
package dev.postern.issuance;

import org.jspecify.annotations.NullMarked;
