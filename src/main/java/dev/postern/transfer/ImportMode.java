package dev.postern.transfer;

import java.util.Locale;

/** What is done with a document. */
public enum ImportMode {
    /**
     * Compares the document with the store, in both directions. Checks each line by itself, but does not check whether
     * its change would be possible.
     */
    DIFF,
    /** Says what {@link #APPLY} would do, with all checks that change nothing. */
    DRY_RUN,
    /** Creates and changes what the document has, and deletes nothing. */
    APPLY,
    /** Does the same, and then deletes what the document does not have. */
    SYNC;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean writes() {
        return this == APPLY || this == SYNC;
    }

    /** Whether resources that only the store has are of interest. */
    public boolean isBothWays() {
        return this == DIFF || this == SYNC;
    }
}
