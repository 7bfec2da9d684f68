package dev.postern.express;

import dev.postern.inbound.OpenCalls;

/** Knows which call is the last one on a connection, so that the connection closes after its response. */
final class LastCall {
    private final OpenCalls calls;
    private final WaitingBytes waiting;
    private boolean wasRead;

    LastCall(OpenCalls calls, WaitingBytes waiting) {
        this.calls = calls;
        this.waiting = waiting;
    }

    /** Whether it is the present one. While the gate is drained, requests that have arrived are still answered. */
    boolean isThis() {
        return calls.endWithThis() && (wasRead || waiting.isEmpty());
    }

    /** The client or a denial asks to close the connection after the present response. */
    void letItBeThis() {
        wasRead = true;
        calls.end();
    }
}
