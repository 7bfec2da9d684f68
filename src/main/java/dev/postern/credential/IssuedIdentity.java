package dev.postern.credential;

import dev.postern.access.AccountId;

/**
 * An identity that an external issuer vouches for. It has no record in the store: the gate trusts the issuer's keys.
 *
 * @param account the account that the token names
 * @param issuer  the name of the issuer in the settings
 * @param subject the issuer's name for the identity
 */
public record IssuedIdentity(AccountId account, String issuer, String subject) implements Credential {}
