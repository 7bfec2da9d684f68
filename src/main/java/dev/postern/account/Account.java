package dev.postern.account;

import dev.postern.access.AccountId;
import java.time.Instant;

/**
 * An account.
 *
 * @param id      its ID
 * @param name    its display name
 * @param created when it was created
 */
public record Account(AccountId id, String name, Instant created) {}
