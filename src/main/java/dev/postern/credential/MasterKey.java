package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.Permissions;

/** The one key of an account that manages the others and may do everything in the account. */
public record MasterKey(AccountId account) implements Credential.Stored {
    private static final Permissions EVERYTHING = Permissions.everything();

    /** Everything in the account. */
    public Permissions permissions() {
        return EVERYTHING;
    }
}
