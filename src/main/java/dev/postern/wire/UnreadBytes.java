package dev.postern.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Detects bytes that have arrived on a connection but have not reached its guard: one read takes no more than fits into
 * its buffer, and TLS passes on only complete records. Such bytes would be mistaken for the response to the next
 * request. Must be before the TLS handler in the pipeline.
 */
final class UnreadBytes extends ChannelInboundHandlerAdapter {
    /** Receives a byte that nobody ever reads; shared by all threads. */
    private static final ByteBuffer ANY_BYTE = ByteBuffer.allocateDirect(1);
    private static final int RECORD_HEAD = 5;
    private static final int LENGTH_HIGH = 3;

    private final boolean secure;
    private boolean filled;
    /** Bytes of the current TLS record's header that have arrived. */
    private int head;
    private int length;
    private int left;

    UnreadBytes(boolean secure) {
        this.secure = secure;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf in) {
            filled = !in.isWritable();
            if (secure) {
                follow(in);
            }
        }
        context.fireChannelRead(message);
    }

    /** RFC 8446, section 5.1: a type, a version, and the length of what follows. */
    private void follow(ByteBuf in) {
        int at = in.readerIndex();
        while (at < in.writerIndex()) {
            if (left > 0) {
                int now = Math.min(left, in.writerIndex() - at);
                left -= now;
                at += now;
            } else {
                int b = in.getUnsignedByte(at++);
                length = head < LENGTH_HIGH ? 0 : length << 8 | b;
                if (++head == RECORD_HEAD) {
                    head = 0;
                    left = length;
                }
            }
        }
    }

    /** Whether more bytes may have arrived than were passed on. Called when a response has ended. */
    boolean mayBeLeft(Channel connection) {
        return head > 0 || left > 0 || (filled && !(connection instanceof UnixChannel));
    }

    /**
     * Whether anything is waiting in the socket, even if only the end of the connection; a byte read by this check is
     * lost. Called before a connection is reused: a busy event loop may send the next request before it reads what
     * arrived after the last response.
     */
    boolean haveArrived(Channel connection) {
        if (mayBeLeft(connection)) {
            return true;
        }
        if (!(connection instanceof UnixChannel unix)) {
            return false;
        }
        try {
            return unix.fd().read(ANY_BYTE, 0, 1) != 0;
        } catch (IOException broken) {
            return true;
        }
    }
}
