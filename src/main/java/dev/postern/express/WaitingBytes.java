package dev.postern.express;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** The bytes of a client that have arrived and were not used yet. */
final class WaitingBytes {
    /** While more bytes than this wait for their turn, the connection is not read. */
    private static final int MAX = 64 * 1024;

    private @Nullable ByteBuf bytes;

    /** Takes ownership. */
    void add(ByteBuf more) {
        ByteBuf before = bytes;
        bytes = before == null ? more : Unpooled.wrappedBuffer(before, more);
    }

    /** Whether the connection may be read. */
    boolean hasRoom() {
        ByteBuf all = bytes;
        return all == null || all.readableBytes() < MAX;
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

    /** To be called after bytes were read. */
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
