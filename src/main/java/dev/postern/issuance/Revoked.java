package dev.postern.issuance;

import dev.postern.account.ChangeRefusedException;
import dev.postern.credential.Credential;
import java.time.Instant;
import java.util.Locale;

/** Which secret is revoked when the rotation of a credential ends early. */
public enum Revoked {
    /** All devices have the new secret. */
    OLD,
    /** The new secret was lost, or the rotation was a mistake. */
    NEW;

    /** The name in requests. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws ChangeRefusedException if the credential has no old secret that is still valid */
    void requireOld(Credential.Managed credential, Instant now) {
        if (credential.oldSecret().filter(old -> old.isValid(now)).isEmpty()) {
            throw new ChangeRefusedException(ChangeRefusedException.Why.NOT_AS_IT_IS,
                    "The credential has no old secret that is still valid.");
        }
    }
}
