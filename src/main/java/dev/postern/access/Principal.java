package dev.postern.access;

/**
 * The verified identity behind a request.
 *
 * @param account     the account that the credential belongs to
 * @param credential  identifies the credential without its secret
 * @param permissions its permissions
 */
public record Principal(AccountId account, CredentialId credential, Permissions permissions) {}
