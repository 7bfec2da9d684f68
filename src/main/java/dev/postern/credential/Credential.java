package dev.postern.credential;

import dev.postern.access.AccountId;
import java.time.Instant;

/**
 * A verified credential. There is one class for each kind, so that a new kind breaks every switch that does not handle
 * it.
 */
public sealed interface Credential permits Credential.Stored, IssuedIdentity {
    AccountId account();

    /** A credential that has a record in the store. */
    sealed interface Stored extends Credential permits MasterKey, ApiKey, AccessToken, Managed {}

    /** A credential that the operator creates for an account and gives a name. */
    sealed interface Managed extends Stored permits StaticToken, Application, RsaToken, JwtToken {
        String name();

        Instant created();

        /** False while the operator has disabled it. */
        boolean enabled();
    }
}
