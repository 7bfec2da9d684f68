package dev.postern.store;

/** How long a decision may use cached records while Redis is unreachable. */
public enum Patience {
    /** For calls that only read: {@code postern.outage.read-grace}. */
    READ,
    /** For calls that change something: {@code postern.outage.write-grace}. */
    WRITE,
    /** For calls that need the current state. */
    NONE
}
