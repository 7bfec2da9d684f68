package dev.postern.audit;

import dev.postern.store.SecretKeys;

/** The Redis keys of the log, in one slot, and the hash that chains its entries. */
final class AuditKeys {
    /** A stream. The ID of an entry is its sequence number. */
    static final String ENTRIES = "postern:{audit}:entries";
    /** A hash: sequence number and chain hash of the last entry. */
    static final String HEAD = "postern:{audit}:head";
    /** The hash before the first entry. */
    static final String ORIGIN = "";

    private AuditKeys() {}

    /**
     * The hash of an entry. It is keyed with a secret that is not in Redis, so that whoever can write to Redis cannot
     * forge it.
     */
    static String hash(SecretKeys secrets, String previous, String record) {
        return secrets.index("audit", previous + "\n" + record);
    }
}
