package dev.postern.access;

import java.time.Instant;

/**
 * A secret of a credential that was replaced, and is still valid for a while.
 *
 * @param replaced when it was replaced; tells the rotations of a credential apart
 * @param until    when it stops being valid
 */
public record OldSecret(Instant replaced, Instant until) {
    public boolean isValid(Instant now) {
        return now.isBefore(until);
    }
}
