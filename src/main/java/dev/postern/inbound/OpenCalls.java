package dev.postern.inbound;

/**
 * Counts the requests of one HTTP/1.1 connection that were read but not answered completely. To be used on its event
 * loop only.
 */
public final class OpenCalls {
    private int open;
    private boolean announced;
    private boolean ending;
    private long idleSince = System.nanoTime();
    private Runnable whenNone = () -> {};

    public void opened() {
        open++;
    }

    public void answered() {
        open--;
        if (open <= 0) {
            idleSince = System.nanoTime();
            whenNone.run();
        }
    }

    /** Requests that the connection be closed after its next response that no other follows; until then it is read. */
    void announceEnd() {
        announced = true;
    }

    /** Requests that the connection be closed as soon as all requests that were read are answered. */
    public void end() {
        ending = true;
    }

    public boolean isEnding() {
        return ending;
    }

    /** Whether the response that is being written is the last one. */
    public boolean endWithThis() {
        return (ending || announced) && open <= 1;
    }

    public boolean areNone() {
        return open <= 0;
    }

    /** Sets who is notified when the last response is being written. */
    public void listen(Runnable listener) {
        whenNone = listener;
    }

    /** For how many nanoseconds there has been no call; 0 while there is one. */
    long idleFor(long now) {
        return open > 0 ? 0 : now - idleSince;
    }
}
