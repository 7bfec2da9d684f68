package dev.postern.inbound;

/**
 * Counts the requests of one HTTP/1.1 connection that were read but not answered completely. To be used on its event
 * loop only.
 */
final class OpenCalls {
    private int open;
    private boolean ending;

    void opened() {
        open++;
    }

    void answered() {
        open--;
    }

    /** Requests that the connection be closed as soon as all requests that were read are answered. */
    void end() {
        ending = true;
    }

    boolean isEnding() {
        return ending;
    }

    /** Whether the response that is being written is the last one. */
    boolean endWithThis() {
        return ending && open <= 1;
    }

    boolean areNone() {
        return open <= 0;
    }
}
