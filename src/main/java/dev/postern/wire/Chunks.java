package dev.postern.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;

/** Writes a body with {@code Transfer-Encoding: chunked} (RFC 9112, section 7.1), without trailers. */
public final class Chunks {
    private static final short CRLF = 0x0d0a;
    /** Room for the hexadecimal size and its line end. */
    private static final int FRAMING = 16;

    private Chunks() {}

    /**
     * Writes a chunk, without a flush.
     *
     * @param data not empty, because an empty chunk ends the body; owned by this method
     */
    public static void write(Channel to, ByteBuf data) {
        ByteBuf size = to.alloc().ioBuffer(FRAMING);
        ByteBufUtil.writeAscii(size, Integer.toHexString(data.readableBytes()));
        size.writeShort(CRLF);
        var _ = to.write(size, to.voidPromise());
        var _ = to.write(data, to.voidPromise());
        var _ = to.write(to.alloc().ioBuffer(2).writeShort(CRLF), to.voidPromise());
    }

    /** Writes the end of the body, without a flush. */
    public static void end(Channel to) {
        ByteBuf end = to.alloc().ioBuffer(FRAMING);
        ByteBufUtil.writeAscii(end, "0\r\n\r\n");
        var _ = to.write(end, to.voidPromise());
    }
}
