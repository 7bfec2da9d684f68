package dev.postern.store;

/** What a gate knows of Redis. */
public enum StoreState {
    /** It hears of every change at once. */
    LIVE,
    /** It has not heard of changes for a while, but commands are answered: what it remembers has to be read again. */
    SUSPECT,
    /** Commands are not answered: it goes on with what it remembers, for as long as {@link Patience} lasts. */
    DOWN;

    /** As it stands in metrics and replies. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
