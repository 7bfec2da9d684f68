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
    /** It is not valid longer than its principal. */
    Verification {
        Instant end = principal.limits().end();
        until = end.isBefore(until) ? end : until;
    }

    Verification(Principal principal, Credential credential, Instant until) {
        this(principal, credential, until, false, () -> true);
    }

    /** For a credential that does not expire, except by its limits. */
    Verification(Principal principal, Credential credential) {
        this(principal, credential, Instant.MAX);
    }
}
