package dev.postern.wire;

import java.time.Duration;

/**
 * Limits on the responses of a server.
 *
 * @param maxHead         the maximum number of bytes of a head
 * @param responseTimeout longest time from the end of the request to the end of the head of its response
 * @param idleTimeout     longest pause within a body, and longest time for which the server reads nothing of a request
 */
public record ResponseLimits(int maxHead, Duration responseTimeout, Duration idleTimeout) {}
