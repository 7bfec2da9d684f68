package dev.postern.credential;

import dev.postern.access.AccountId;
import java.time.Instant;

/**
 * An account.
 *
 * @param id      its id
 * @param name    what people call it
 * @param created when it was made
 */
public record Account(AccountId id, String name, Instant created) {
    /** An account together with the master key that was just made for it; the only time that the key is to be had. */
    public record Issued(Account account, PresentedCredential masterKey) {}
}
