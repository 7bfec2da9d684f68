package dev.postern.call;

import dev.postern.access.DenyReason;

/** A response was ended because its call would not be allowed any more. */
public final class StreamRevokedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StreamRevokedException(DenyReason reason) {
        super(reason.word(), null, false, false);
    }
}
