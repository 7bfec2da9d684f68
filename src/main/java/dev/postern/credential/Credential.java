package dev.postern.credential;

import dev.postern.access.AccountId;
import java.time.Instant;

/** A credential, as it is stored or as an issuer vouches for it: one class a kind, so that a new kind breaks each switch that forgot it. */
public sealed interface Credential permits Credential.Stored, IssuedIdentity {
    AccountId account();

    /** A credential that has a record in the store. */
    sealed interface Stored extends Credential permits MasterKey, ApiKey, AccessToken, Managed {}

    /** A credential that the operator makes for an account, and calls by a name. */
    sealed interface Managed extends Stored permits StaticToken, Application, RsaToken, JwtToken {
        String name();

        Instant created();

        /** False while the operator has it switched off. */
        boolean enabled();
    }
}
