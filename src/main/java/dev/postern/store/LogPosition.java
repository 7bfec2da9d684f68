package dev.postern.store;

/**
 * Up to where this gate knows the log of changes.
 *
 * @param log  its ID
 * @param run  the run of Redis that has it
 * @param last number of the last change that is known
 */
record LogPosition(String log, String run, long last) {
    /** Whether the log can be followed on from here: it is the same log, on the same run of Redis, and has not gone back. */
    boolean isOf(LogHead head) {
        return log.equals(head.log()) && run.equals(head.run()) && last <= head.count();
    }

    LogPosition at(long number) {
        return new LogPosition(log, run, number);
    }
}
