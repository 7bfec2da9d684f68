package dev.postern.authentication;

import dev.postern.access.Principal;
import dev.postern.credential.Credential;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * What verifying a credential came to.
 *
 * @param until      when it stops to count, whatever the store says
 * @param forOneUse  whether it does not count a second time
 * @param stillHolds whether what it rests on besides the store is still so: the keys of an issuer
 */
record Verification(Principal principal, Credential credential, Instant until, boolean forOneUse,
        BooleanSupplier stillHolds) {
    Verification(Principal principal, Credential credential, Instant until) {
        this(principal, credential, until, false, () -> true);
    }

    /** Of a credential without an end of its own. */
    Verification(Principal principal, Credential credential) {
        this(principal, credential, Instant.MAX);
    }
}
