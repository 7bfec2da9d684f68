package dev.postern.wire;

/** Why a connection that could have been kept is not used again. */
public enum DiscardReason {
    /** Bytes followed the response. */
    BYTES_AFTER_RESPONSE,
    /** Bytes arrived while no request was waiting. */
    BYTES_WHILE_IDLE,
    /** There are, or may be, bytes that have arrived but were not read. */
    BYTES_UNREAD,
    /** The response ended before the request was sent. */
    REQUEST_NOT_SENT
}
