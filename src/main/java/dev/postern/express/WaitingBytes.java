package dev.postern.express;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/** Bytes from a client that have not been used yet. */
final class WaitingBytes {
    /** While this many bytes wait for their turn, the connection is not read. */
    private static final int MAX = 64 * 1024;

    private @Nullable ByteBuf bytes;
    /** Whether the codec asked for more bytes while there was no room. */
    private boolean readOwed;

    /** Takes ownership. Call {@link #regulate} once no more bytes can be used. */
    void add(ByteBuf more, ByteBufAllocator allocator) {
        ByteBuf before = bytes;
        // Otherwise the buffer would grow for ever if some bytes are always waiting.
        if (before != null && before.refCnt() == 1) {
            before.discardSomeReadBytes();
        }
        bytes = before == null ? more : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, before, more);
    }

    private boolean hasRoom() {
        ByteBuf all = bytes;
        return all == null || all.readableBytes() < MAX;
    }

    /** Whether the codec may read the connection. If not, {@link #regulate} reads it when there is room again. */
    boolean mayRead() {
        readOwed = !hasRoom();
        return !readOwed;
    }

    /**
     * Stops or resumes reading the connection. Reactor Netty switches to automatic reads when it has read a request, so
     * not requesting more is not enough.
     */
    void regulate(ChannelHandlerContext context) {
        if (!hasRoom()) {
            context.channel().config().setAutoRead(false);
        } else if (readOwed) {
            readOwed = false;
            context.read();
        }
    }

    boolean isEmpty() {
        return bytes == null;
    }

    /** The bytes, which remain here; null if there are none. */
    @Nullable ByteBuf peek() {
        return bytes;
    }

    /** The bytes, which the caller owns; null if there are none. */
    @Nullable ByteBuf take() {
        ByteBuf all = bytes;
        bytes = null;
        return all;
    }

    /** Call this after reading bytes. */
    void releaseIfRead() {
        ByteBuf all = bytes;
        if (all != null && !all.isReadable()) {
            release();
        }
    }

    void release() {
        ByteBuf all = take();
        if (all != null) {
            all.release();
        }
    }
}
