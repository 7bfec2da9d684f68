package dev.postern.express;

import dev.postern.wire.BadResponseException;
import dev.postern.wire.ChunkedBody;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.function.Consumer;

/** Takes the data of a request's body out of its framing, and finds its end. */
final class RequestBody {
    private boolean chunked;
    private long left;
    private boolean ended = true;
    private ChunkedBody chunks = new ChunkedBody();

    void begin(PlainHead head) {
        chunked = head.chunked;
        left = Math.max(0, head.contentLength);
        ended = !head.hasBody();
        if (chunked) {
            chunks = new ChunkedBody();
        }
    }

    /** Whether all of the body has been taken. */
    boolean hasEnded() {
        return ended;
    }

    /**
     * Takes what belongs to the body out of the buffer.
     *
     * @param data takes the data, in slices that are valid during the call only
     * @throws BadResponseException if the framing is broken, so that the end of the request is unknown
     */
    void take(ByteBuf in, Consumer<ByteBuf> data) throws BadResponseException {
        if (ended || !in.isReadable()) {
            return;
        }
        if (chunked) {
            ended = chunks.advance(in, (buffer, count) -> data.accept(buffer.readSlice(count)));
            return;
        }
        int now = (int) Math.min(left, in.readableBytes());
        left -= now;
        ended = left == 0;
        data.accept(in.readSlice(now));
    }

    /**
     * Gives a part of the body to a call, or asks for more.
     *
     * @return whether there may be more to do
     */
    boolean feed(ExpressCall call, WaitingBytes waiting, ChannelHandlerContext client) {
        if (!call.wantsBody()) {
            call.flushBody();
            return false;
        }
        ByteBuf in = waiting.peek();
        if (in == null) {
            call.awaitsBody();
            client.read();
            return false;
        }
        // The call may be refused because of what it is given, and may close its connection.
        in.retain();
        try {
            take(in, call::body);
        } catch (BadResponseException _) {
            call.bodyIsBroken();
            return false;
        } finally {
            waiting.releaseIfRead();
            in.release();
        }
        if (ended) {
            call.bodyHasEnded();
        }
        return true;
    }
}
