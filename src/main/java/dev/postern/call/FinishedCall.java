package dev.postern.call;

import org.jspecify.annotations.Nullable;

/**
 * A call that has ended, on its way to the thread that reports it.
 *
 * @param logged whether the call gets a line in the request log
 * @param span   to be ended; null if the call is not traced
 */
record FinishedCall(RequestLine line, boolean logged, @Nullable CallSpan span) {}
