package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.access.OldSecret;
import java.time.Instant;
import java.util.Optional;

/**
 * A verified credential. There is one class for each kind, so that a new kind breaks every switch that does not handle
 * it.
 */
public sealed interface Credential permits Credential.Stored, IssuedIdentity {
    AccountId account();

    /** A credential that has a record in the store. */
    sealed interface Stored extends Credential permits MasterKey, AccessToken, SecretAlias, Managed {}

    /** A credential of which an account can have many. It has a name, and is in a list of the account. */
    sealed interface Managed extends Stored permits Rotatable, Application, RsaToken, JwtToken {
        String name();

        Instant created();

        /** False while the operator has disabled it. */
        boolean enabled();

        /** When and from where it can be used, and everything that is derived from it. */
        Limits limits();

        /** The secret that was replaced last; empty if there is none. It may not be valid any more. */
        Optional<OldSecret> oldSecret();

        /**
         * Identifies the reservation of its name. It changes with each rename, so that a token that got its former name
         * back differs from what it was. Empty if its name need not be unique, or if its record was written before the
         * gate had such marks.
         */
        default Optional<String> nameMark() {
            return Optional.empty();
        }

        /** Whether it is enabled, and has not expired. */
        default boolean isUsable(Instant now) {
            return enabled() && !limits().isExpired(now);
        }
    }
}
