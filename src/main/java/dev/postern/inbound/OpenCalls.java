package dev.postern.inbound;

/** The requests of one HTTP/1.1 connection that were read and are not answered to their end. For its event loop only. */
final class OpenCalls {
    private int open;
    private boolean ending;

    void opened() {
        open++;
    }

    void answered() {
        open--;
    }

    /** The connection is to end as soon as all that was read is answered. */
    void end() {
        ending = true;
    }

    boolean isEnding() {
        return ending;
    }

    /** Whether the answer that is being written is the last one. */
    boolean endWithThis() {
        return ending && open <= 1;
    }

    boolean areNone() {
        return open <= 0;
    }
}
