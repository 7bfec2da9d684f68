package dev.postern.sizing;

/**
 * What records and commands cost Redis. {@code RedisFiguresTest} checks the bytes in memory, and prints the rest.
 *
 * <p>Microseconds are processor time of Redis, with many commands under way at once, as from a busy gate. Traffic is in
 * bytes, both ways together.
 */
final class RedisFigures {
    /** A registered device: its record, its owner's record and its place among the devices of the account. */
    static final double DEVICE_BYTES = 296;
    /** The entry in the ledger for a seat. */
    static final double SEAT_BYTES = 64;
    /** An API key for ten devices, and its place in the list of the account. */
    static final double KEY_BYTES = 904;
    /** The calls with a key on each of 400 days, and when it was last used. */
    static final double CALLS_OF_KEY_BYTES = 5900;
    /** The active devices of an account on a day or in a month. */
    static final double ACTIVE_DEVICES_BYTES = 14_300;

    static final double READ_MICROS = 9;
    static final double CHECK_MICROS = 20;
    static final double KEY_COUNT_MICROS = 16;
    static final double KEY_BATCH_MICROS = 25;
    static final double ACTIVE_MICROS = 2.3;
    static final double ACTIVE_BATCH_MICROS = 26;
    static final double ENTRY_MICROS = 22;
    /** A reply to XREAD, and the heartbeat after it. */
    static final double FOLLOW_MICROS = 100;
    /** A look at the head of the log, with the checks of the other connections, by the command statistics of Redis. */
    static final double LOOK_MICROS = 260;
    static final double ADDED_DEVICE_MICROS = 130;
    static final double CHANGED_KEY_MICROS = 170;

    static final double READ_TRAFFIC = 635;
    static final double CHECK_TRAFFIC = 797;
    static final double KEY_COUNT_TRAFFIC = 155;
    static final double KEY_BATCH_TRAFFIC = 320;
    static final double ACTIVE_TRAFFIC = 25;
    static final double ACTIVE_BATCH_TRAFFIC = 520;
    static final double FOLLOW_TRAFFIC = 720;

    private RedisFigures() {}
}
