package dev.postern.operator;

import dev.postern.access.AccountId;
import java.time.Instant;

/**
 * A key holder who is signed in to their page.
 *
 * @param masterKey the index of the master key that signed in: another key of the same account does not continue the
 *                  session
 * @param created   when the session began
 * @param csrf      must come with every form
 */
public record KeyHolderSession(AccountId account, String masterKey, Instant created, String csrf) {}
