package dev.postern.store;

import java.util.concurrent.ThreadLocalRandom;

/**
 * The head of the log of changes, as Redis reports it.
 *
 * @param log   the ID of the log
 * @param count the number of its last change
 * @param run   the ID of the Redis run that holds it
 */
record LogHead(String log, long count, String run) {
    /** A new ID. It must be unique but need not be secret. The random source must not read a file. */
    static String newId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
    }
}
