package dev.postern.express;

import dev.postern.call.Lane;
import dev.postern.call.Lane.Declined;
import dev.postern.inbound.OpenCalls;
import dev.postern.wire.BadResponseException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/** Passes requests on to the HTTP codec, byte for byte: one at a time, or all that is left of a connection. */
final class Handover {
    private final OpenCalls calls;
    private final PlainHead head;
    private final RequestBody body;
    private final WaitingBytes waiting;
    private Runnable whenAnswered = () -> {};
    private boolean passed;
    /** True from the first bytes of a read of the connection until this read is complete. */
    private boolean reading;
    /** Whether the codec has been given bytes, and not been told that their read is complete. */
    private boolean given;

    Handover(OpenCalls calls, PlainHead head, RequestBody body, WaitingBytes waiting) {
        this.calls = calls;
        this.head = head;
        this.body = body;
        this.waiting = waiting;
    }

    /**
     * Passes on the head of a request. Its body follows by {@link #passBody}.
     *
     * @param next called on the event loop when the request is answered
     */
    void pass(ChannelHandlerContext context, Declined why, Runnable next) {
        whenAnswered = next;
        Lane.decline(context.channel(), why);
        passed = false;
        calls.listen(() -> context.executor().execute(this::answered));
        ByteBuf copy = context.alloc().buffer(head.end).writeBytes(head.bytes, 0, head.end);
        head.clear();
        give(context, copy);
        if (body.hasEnded()) {
            passed(context);
        }
    }

    /** @return false if the end of the request is unknown, so that the rest must be left to the codec */
    boolean passBody(ChannelHandlerContext context) {
        ByteBuf in = waiting.peek();
        if (in == null || passed) {
            completeGiven(context);
            return true;
        }
        int from = in.readerIndex();
        try {
            body.take(in, _ -> {});
        } catch (BadResponseException _) {
            // The framing of the body is broken. The codec gets these bytes, and will notice it, too.
            in.readerIndex(from);
            return false;
        }
        ByteBuf part = in.retainedSlice(from, in.readerIndex() - from);
        waiting.releaseIfRead();
        give(context, part);
        if (body.hasEnded()) {
            passed(context);
        } else {
            completeGiven(context);
        }
        return true;
    }

    private void passed(ChannelHandlerContext context) {
        passed = true;
        completeRead(context);
        if (calls.areNone()) {
            // It was answered before its end arrived.
            context.executor().execute(this::answered);
        }
    }

    private void give(ChannelHandlerContext context, ByteBuf bytes) {
        given = true;
        context.fireChannelRead(bytes);
    }

    private void completeRead(ChannelHandlerContext context) {
        given = false;
        context.fireChannelReadComplete();
    }

    /**
     * Bytes that have waited here reach the codec after their read was complete, so it is told again that a read is
     * complete. Otherwise it would not ask for more if the next bytes are too few to decode anything.
     */
    private void completeGiven(ChannelHandlerContext context) {
        if (given && !reading) {
            completeRead(context);
        }
    }

    /** To be called for each buffer that arrives. {@link #readIsComplete} ends the read. */
    void readBegins() {
        reading = true;
    }

    /** @param ofCodec whether the bytes that were read, or those that come next, are for the codec */
    void readIsComplete(ChannelHandlerContext context, boolean ofCodec) {
        reading = false;
        if (ofCodec) {
            completeRead(context);
        }
    }

    private void answered() {
        if (passed && calls.areNone()) {
            passed = false;
            calls.listen(() -> {});
            whenAnswered.run();
        }
    }

    /**
     * Leaves the connection to the codec.
     *
     * @param copied how many bytes are only in {@code head}, no longer in {@code waiting}; the codec gets them first
     */
    void leave(ChannelHandlerContext context, int copied) {
        Lane.decline(context.channel(), Declined.HEAD);
        ByteBuf in = waiting.take();
        ByteBuf first = copied > 0 ? context.alloc().buffer(copied).writeBytes(head.bytes, 0, copied) : null;
        head.clear();
        if (first != null) {
            context.fireChannelRead(first);
        }
        if (in != null) {
            context.fireChannelRead(in);
        }
        // The bytes may have waited here since they were read. Without this, the codec would not ask for more.
        context.fireChannelReadComplete();
    }
}
