package dev.postern.credential;

import dev.postern.access.AccountId;

/**
 * Somebody for whom an external issuer vouches. Has no record: the issuer's keys are what the gate trusts.
 *
 * @param account the account that the token names
 * @param issuer  the name of the issuer in the settings
 * @param subject who it is to the issuer
 */
public record IssuedIdentity(AccountId account, String issuer, String subject) implements Credential {}
