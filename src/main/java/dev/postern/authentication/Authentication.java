package dev.postern.authentication;

import dev.postern.access.AccessDecision;
import dev.postern.access.Principal;
import dev.postern.credential.Credential;
import dev.postern.store.Patience;

/** The result of authenticating a caller: a verified credential, a refusal, or a question to the store. */
public sealed interface Authentication {
    /**
     * The credential is valid.
     *
     * @param credential the credential; its kind decides what else it can be used for
     * @param basis      the records it depends on, by which the authenticator can check later whether it is still valid
     */
    record Verified(Principal principal, Credential credential, Basis basis) implements Authentication {}

    /** The records a verification depends on. Opaque outside of this package. */
    sealed interface Basis permits VerifiedCredentials.Remembered {}

    record Refused(AccessDecision.Denied denied) implements Authentication {}

    /** The credential cannot be verified from memory; the store must be asked. */
    final class NeedsStore implements Authentication {
        private final Lookup lookup;
        private final Patience patience;

        NeedsStore(Lookup lookup, Patience patience) {
            this.lookup = lookup;
            this.patience = patience;
        }

        Patience patience() {
            return patience;
        }

        Lookup lookup() {
            return lookup;
        }
    }
}
