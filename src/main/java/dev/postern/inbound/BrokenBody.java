package dev.postern.inbound;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;

/** Stands where a body breaks off, so that its request learns of it when its turn comes. */
final class BrokenBody extends DefaultHttpContent {
    private boolean arrived;

    BrokenBody() {
        super(Unpooled.buffer(1));
    }

    void arrive() {
        arrived = true;
        release();
    }

    /** Whether it was thrown away on its way: its request is answered already. */
    boolean isLost() {
        return refCnt() == 0 && !arrived;
    }
}
