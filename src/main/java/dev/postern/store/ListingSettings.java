package dev.postern.store;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Bounds of the lists of an account, of which one is read at a time: {@code postern.listing.*}.
 *
 * @param maxAtOnce How many lists are read and sent at the same time. Each account reads one at a time.
 * @param maxWaiting How many lists of all accounts may wait.
 * @param maxWaitingPerAccount How many lists of one account may wait. Further ones are refused with {@code busy}, or
 *     with errno 50310.
 * @param patience How long a list may wait for its turn.
 * @param longest How long a list may take, until the client has read all of it. After that, the gate closes the
 * connection.
 * @param nameMemory How much memory the names of searched lists may take. One list may take half of it. The
 *     names of a million devices take about 150 MB. Default: a quarter of the heap.
 */
public record ListingSettings(@DefaultValue("8") int maxAtOnce, @DefaultValue("16") int maxWaitingPerAccount,
        @DefaultValue("256") int maxWaiting, @DefaultValue("10s") Duration patience,
        @DefaultValue("30s") Duration longest, @Nullable DataSize nameMemory) {
    public ListingSettings {
        if (maxAtOnce < 1 || maxWaitingPerAccount < 0 || maxWaiting < 0) {
            throw new IllegalArgumentException("postern.listing.max-at-once must be at least 1, and"
                    + " max-waiting-per-account and max-waiting at least 0");
        }
        if (nameMemory != null && nameMemory.toBytes() < 1) {
            throw new IllegalArgumentException("postern.listing.name-memory must be at least 1B");
        }
        if (!patience.isPositive() || !longest.isPositive()) {
            throw new IllegalArgumentException("postern.listing.patience and longest must be more than 0");
        }
    }

    private static final int DEFAULT_SHARE = 4;

    /** How many bytes the names of searched lists may take. */
    public long nameBytes() {
        return nameMemory == null ? Runtime.getRuntime().maxMemory() / DEFAULT_SHARE : nameMemory.toBytes();
    }
}
