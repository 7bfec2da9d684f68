package dev.postern.proxy.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.util.List;

/**
 * Splits large frames into fragments while they arrive, in front of Netty's decoder, which buffers each frame
 * completely. So a message of any size passes with {@link #MAX_FRAME} bytes of memory. RFC 6455, section 5.4, allows an
 * intermediary to do this if no extension was negotiated. Frames up to that size pass unchanged, because some devices
 * do not support fragments.
 *
 * <p>It reads only the lengths. The decoder checks whether a frame is valid.
 */
final class FrameSplitter extends ByteToMessageDecoder {
    /** A multiple of the four bytes of a masking key, so that each fragment begins with the first of them. */
    static final int MAX_FRAME = 64 * 1024;

    private static final int FIN = 0x80;
    private static final int OPCODE = 0x0f;
    private static final int FIRST_CONTROL_OPCODE = 0x8;
    private static final int MASKED = 0x80;
    private static final int MASK_BYTES = 4;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;

    private final long maxMessage;
    private long message;
    private boolean tooBig;
    /** The first byte of the frame that is being read. */
    private int first;
    private boolean masked;
    private int mask;
    private long frameLeft;
    /** Bytes left of the fragment that is being passed on. */
    private long fragmentLeft;

    /** @param maxMessage largest message, in bytes, over all its frames */
    FrameSplitter(long maxMessage) {
        this.maxMessage = maxMessage;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (tooBig) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (fragmentLeft == 0) {
            if (frameLeft > 0) {
                out.add(nextFragment(context));
            } else if (!readHeader(context, in, out)) {
                return;
            }
        }
        int length = (int) Math.min(fragmentLeft, in.readableBytes());
        if (length > 0) {
            out.add(in.readRetainedSlice(length));
            fragmentLeft -= length;
            frameLeft -= length;
        }
    }

    /** Reads the header of a frame; false if it has not arrived completely. */
    private boolean readHeader(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        int start = in.readerIndex();
        if (in.readableBytes() < 2) {
            return false;
        }
        int second = in.getUnsignedByte(start + 1);
        int shortLength = second & ~MASKED;
        int lengthBytes = shortLength == LENGTH_16 ? Short.BYTES : shortLength == LENGTH_64 ? Long.BYTES : 0;
        int header = 2 + lengthBytes + ((second & MASKED) == 0 ? 0 : MASK_BYTES);
        if (in.readableBytes() < header) {
            return false;
        }
        first = in.getUnsignedByte(start);
        masked = (second & MASKED) != 0;
        mask = masked ? in.getInt(start + header - MASK_BYTES) : 0;
        frameLeft = switch (lengthBytes) {
            case 0 -> shortLength;
            case Short.BYTES -> in.getUnsignedShort(start + 2);
            default -> in.getLong(start + 2);
        };
        count();
        if (frameLeft > MAX_FRAME) {
            in.skipBytes(header);
            out.add(nextFragment(context));
        } else {
            out.add(in.readRetainedSlice(header));
            // The decoder refuses a negative length, so the rest no longer matters.
            fragmentLeft = Math.max(0, frameLeft);
        }
        return true;
    }

    private void count() {
        if ((first & OPCODE) < FIRST_CONTROL_OPCODE && frameLeft > 0) {
            if (frameLeft > maxMessage - message) {
                tooBig = true;
                throw new CorruptedWebSocketFrameException(WebSocketCloseStatus.MESSAGE_TOO_BIG,
                        "a message is longer than " + maxMessage + " bytes");
            }
            message = (first & FIN) == 0 ? message + frameLeft : 0;
        } else if ((first & OPCODE) < FIRST_CONTROL_OPCODE && (first & FIN) != 0) {
            message = 0;
        }
    }

    /** The header of the next fragment of a large frame. */
    private ByteBuf nextFragment(ChannelHandlerContext context) {
        fragmentLeft = Math.min(frameLeft, MAX_FRAME);
        boolean last = fragmentLeft == frameLeft;
        int maskBit = masked ? MASKED : 0;
        ByteBuf header = context.alloc().buffer(2 + Long.BYTES + MASK_BYTES);
        header.writeByte(last ? first : first & ~FIN);
        if (fragmentLeft < LENGTH_16) {
            header.writeByte(maskBit | (int) fragmentLeft);
        } else if (fragmentLeft < MAX_FRAME) {
            header.writeByte(maskBit | LENGTH_16).writeShort((int) fragmentLeft);
        } else {
            header.writeByte(maskBit | LENGTH_64).writeLong(fragmentLeft);
        }
        if (masked) {
            header.writeInt(mask);
        }
        // The following fragments are continuation frames.
        first &= ~OPCODE;
        return header;
    }
}
