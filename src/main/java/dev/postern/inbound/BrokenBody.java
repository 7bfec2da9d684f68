package dev.postern.inbound;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;

/** Marks the place where a body breaks off, so that the error reaches its request in the right order. */
final class BrokenBody extends DefaultHttpContent {
    private boolean arrived;

    BrokenBody() {
        super(Unpooled.buffer(1));
    }

    void arrive() {
        arrived = true;
        release();
    }

    /** Whether it was discarded on the way, because its request has already been answered. */
    boolean isLost() {
        return refCnt() == 0 && !arrived;
    }
}
