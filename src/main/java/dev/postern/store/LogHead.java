package dev.postern.store;

import java.util.concurrent.ThreadLocalRandom;

/**
 * What Redis says of the log of changes.
 *
 * @param log   its ID
 * @param count number of its last change
 * @param run   the run of Redis that has it
 */
record LogHead(String log, long count, String run) {
    /** A new ID. It is no secret, and must differ from all others; the random source must not read a file. */
    static String newId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
    }
}
