package dev.postern.store;

/**
 * This gate's position in the log of changes.
 *
 * @param log  the ID of the log
 * @param run  the ID of the Redis run that holds it
 * @param last the number of the last change that the gate knows
 */
record LogPosition(String log, String run, long last) {
    /** Whether the gate can continue from here: it is the same log, on the same run of Redis, and has not gone back. */
    boolean isOf(LogHead head) {
        return log.equals(head.log()) && run.equals(head.run()) && last <= head.count();
    }

    LogPosition at(long number) {
        return new LogPosition(log, run, number);
    }
}
