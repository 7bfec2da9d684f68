package dev.postern.backend;

import java.time.Duration;

/**
 * The settings for the connections to all backends.
 *
 * @param connectTimeout  longest wait for a connection to be made
 * @param responseTimeout longest wait for the head of a response, from the end of the request
 * @param idleTimeout     longest silence within a body
 * @param maxIdle         how long an idle connection is kept
 * @param calls           how many calls one backend takes at a time
 * @param streams         how many WebSockets and event streams it takes in addition
 */
public record ConnectionSettings(Duration connectTimeout, Duration responseTimeout, Duration idleTimeout,
        Duration maxIdle, FairSlots.Bounds calls, FairSlots.Bounds streams) {
    /** The same settings with another {@code idleTimeout}. */
    public ConnectionSettings withIdleTimeout(Duration timeout) {
        return new ConnectionSettings(connectTimeout, responseTimeout, timeout, maxIdle, calls, streams);
    }
}
