package dev.postern.express;

import dev.postern.inbound.OpenCalls;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;

/** Knows which call is the last one on a connection, so that the connection closes after its response. */
final class LastCall {
    private final OpenCalls calls;
    private final WaitingBytes waiting;
    private boolean wasRead;
    private boolean told;

    LastCall(OpenCalls calls, WaitingBytes waiting) {
        this.calls = calls;
        this.waiting = waiting;
    }

    /**
     * Whether the present call is the last one, for the head of its response. While the gate is drained, requests that
     * have arrived are still answered.
     */
    boolean isThis() {
        boolean last = calls.endWithThis() && (wasRead || waiting.isEmpty());
        if (last) {
            calls.end();
            told = true;
        }
        return last;
    }

    /**
     * Whether the connection closes after the present call, whose response was written. If the head of the response
     * said so, nothing that has arrived since may change it: the client may send it again elsewhere.
     */
    boolean wasThis() {
        return told || (calls.isEnding() && calls.endWithThis() && (wasRead || waiting.isEmpty()));
    }

    /**
     * Closes the connection when the response was sent: closing at once would drop what the client has not read yet.
     */
    void closeBehindIt(ChannelHandlerContext context) {
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /** The client or a denial asks to close the connection after the present response. */
    void letItBeThis() {
        wasRead = true;
        calls.end();
    }
}
