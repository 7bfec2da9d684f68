package dev.postern.express;

/** What a lane does with the bytes of its client. */
enum LaneState {
    /** The head of a request is expected or has begun. */
    HEAD,
    /** A call is on the lane. */
    CALL,
    /** A request is passed on to the codec, and is not answered yet. */
    PASSING,
    /** Everything is left to the codec. */
    LEFT,
    /** The connection is being closed: whatever still arrives is dropped. */
    CLOSED
}
