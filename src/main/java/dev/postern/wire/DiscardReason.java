package dev.postern.wire;

/** Why a connection that could have been kept is not used again. */
public enum DiscardReason {
    /** Bytes followed the response. */
    BYTES_AFTER_RESPONSE,
    /** Bytes arrived while no request was waiting. */
    BYTES_WHILE_IDLE,
    /** Bytes arrived that have not been read, or may have. */
    BYTES_UNREAD,
    /** The response ended before the request was sent. */
    REQUEST_NOT_SENT
}
