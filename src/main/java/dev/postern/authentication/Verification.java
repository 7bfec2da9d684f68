package dev.postern.authentication;

import dev.postern.access.Principal;
import dev.postern.credential.Credential;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * The result of verifying a credential.
 *
 * @param until      when it stops being valid, whatever the store contains
 * @param forOneUse  whether the credential can be used only once
 * @param stillHolds whether its conditions outside of the store still hold, such as the keys of an issuer
 */
record Verification(Principal principal, Credential credential, Instant until, boolean forOneUse,
        BooleanSupplier stillHolds) {
    Verification(Principal principal, Credential credential, Instant until) {
        this(principal, credential, until, false, () -> true);
    }

    /** For a credential that does not expire by itself. */
    Verification(Principal principal, Credential credential) {
        this(principal, credential, Instant.MAX);
    }
}
