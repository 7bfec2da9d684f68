package dev.postern.authentication;

import dev.postern.access.AccessDecision;
import dev.postern.access.Principal;
import dev.postern.credential.Credential;
import dev.postern.store.Patience;

/** Who the caller is, or why that is not known. */
public sealed interface Authentication {
    /**
     * Known.
     *
     * @param credential the credential; its kind says what else it may be used for
     * @param basis      what this rests on, by which the authenticator can tell later whether it still holds
     */
    record Verified(Principal principal, Credential credential, Basis basis) implements Authentication {}

    /** What a verification rests on. Means nothing outside of this package. */
    sealed interface Basis permits VerifiedCredentials.Remembered {}

    record Refused(AccessDecision.Denied denied) implements Authentication {}

    /** Not known without asking the store. */
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
