package dev.postern.access;

import java.util.Optional;

/**
 * The verified identity behind a request.
 *
 * @param account     the account that the credential belongs to
 * @param credential  identifies the credential without its secret
 * @param permissions its permissions
 * @param limits      when and from where it can be used
 * @param listed      the credential as the account's lists show it: itself, or the one that it comes from, such as the
 *                    application of an access token. Empty for master keys and for tokens of issuers
 * @param oldSecret   the secret that was used, if it was replaced since; empty if it is the current one
 * @param user        the user that a JWT was signed for; empty for other credentials
 */
public record Principal(AccountId account, CredentialId credential, Permissions permissions, Limits limits,
        Optional<CredentialId> listed, Optional<OldSecret> oldSecret, Optional<String> user) {
    /** A principal whose credential is in no list and has no limits. */
    public Principal(AccountId account, CredentialId credential, Permissions permissions) {
        this(account, credential, permissions, Limits.NONE, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** A credential in a list of the account. */
    public static Principal listed(AccountId account, CredentialId credential, Permissions permissions,
            Limits limits) {
        return new Principal(account, credential, permissions, limits, Optional.of(credential), Optional.empty(),
                Optional.empty());
    }

    /** The same with a secret that was replaced. */
    public Principal on(Optional<OldSecret> secret) {
        return new Principal(account, credential, permissions, limits, listed, secret, user);
    }

    /** The same for a token that was signed for this user. */
    public Principal forUser(String name) {
        return new Principal(account, credential, permissions, limits, listed, oldSecret, Optional.of(name));
    }
}
