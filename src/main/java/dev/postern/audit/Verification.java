package dev.postern.audit;

import java.util.Optional;

/**
 * The result of checking the chain.
 *
 * @param first   the sequence number of the first entry; 1 unless older ones were dropped
 * @param last    the sequence number of the last entry; 0 if there is none
 * @param head    the hash of the last entry. Keep it elsewhere: a later log must still contain it
 * @param fault   what is wrong, with the place; empty if the chain is intact
 */
public record Verification(long first, long last, String head, Optional<String> fault) {
    public boolean isIntact() {
        return fault.isEmpty();
    }
}
