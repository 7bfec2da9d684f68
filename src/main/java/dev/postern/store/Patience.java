package dev.postern.store;

/** How long a decision may rest on what a gate remembers while Redis is away. */
public enum Patience {
    /** For calls that only read: {@code postern.outage.read-grace}. */
    READ,
    /** For calls that change something: {@code postern.outage.write-grace}. */
    WRITE,
    /** For calls that must know how things are now. */
    NONE
}
