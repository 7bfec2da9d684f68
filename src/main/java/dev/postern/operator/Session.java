package dev.postern.operator;

import dev.postern.access.AccountId;
import java.time.Instant;
import java.util.Optional;

/**
 * Somebody who is signed in to the console.
 *
 * @param operator  the name of the operator; empty for the holder of a master key
 * @param account   the account of the holder of a master key; empty for an operator
 * @param keyDigest identifies the master key with which the holder signed in, without revealing it; empty for an
 *                  operator
 * @param created   when the session began
 * @param csrf      must come with every form
 */
public record Session(Optional<String> operator, Optional<AccountId> account, String keyDigest, Instant created,
        String csrf) {}
