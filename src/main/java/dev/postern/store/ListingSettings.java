package dev.postern.store;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Lists of an account's things, of which one is read at a time: {@code postern.listing.*}.
 *
 * @param maxAtOnce            lists of all accounts at a time
 * @param maxWaitingPerAccount lists of one account that wait for its turn; more are refused
 * @param maxWaiting           lists of all accounts that wait
 * @param patience             longest wait
 * @param longest              how long one may take until the client has it
 */
public record ListingSettings(@DefaultValue("8") int maxAtOnce, @DefaultValue("16") int maxWaitingPerAccount,
        @DefaultValue("256") int maxWaiting, @DefaultValue("10s") Duration patience,
        @DefaultValue("30s") Duration longest) {
    public ListingSettings {
        if (maxAtOnce < 1 || maxWaitingPerAccount < 0 || maxWaiting < 0) {
            throw new IllegalArgumentException("postern.listing.max-at-once must be at least 1, and"
                    + " max-waiting-per-account and max-waiting at least 0");
        }
        if (!patience.isPositive() || !longest.isPositive()) {
            throw new IllegalArgumentException("postern.listing.patience and longest must be more than 0");
        }
    }
}
