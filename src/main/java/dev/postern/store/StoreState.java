package dev.postern.store;

/** The state of Redis as seen by a gate. */
public enum StoreState {
    /** The gate hears of every change at once. */
    LIVE,
    /** The gate has not heard of changes for a while, but commands are answered: cached records must be read again. */
    SUSPECT,
    /** Commands are not answered: the gate uses cached records within the limits of {@link Patience}. */
    DOWN;

    /** The name in metrics and replies. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
