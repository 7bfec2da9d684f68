package dev.postern.access;

/**
 * The verified identity behind a request.
 *
 * @param account     the account that the credential belongs to
 * @param credential  identifies the credential without its secret
 * @param permissions its permissions
 * @param limits      when and from where it can be used
 */
public record Principal(AccountId account, CredentialId credential, Permissions permissions, Limits limits) {
    /** A principal that can be used at any time, from any address. */
    public Principal(AccountId account, CredentialId credential, Permissions permissions) {
        this(account, credential, permissions, Limits.NONE);
    }
}
