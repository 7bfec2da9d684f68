package dev.postern.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Tells whether more has arrived on a connection than its guard has seen. One read takes no more than its buffer holds, and TLS
 * passes nothing on of a record that is not whole: what is left would be taken for the response to the next request. Comes
 * before TLS in the pipeline.
 */
final class UnreadBytes extends ChannelInboundHandlerAdapter {
    /** Takes a byte that nobody will ever look at, on whatever thread. */
    private static final ByteBuffer ANY_BYTE = ByteBuffer.allocateDirect(1);
    private static final int RECORD_HEAD = 5;
    private static final int LENGTH_HIGH = 3;

    private final boolean secure;
    private boolean filled;
    /** Bytes of the head of the present TLS record that have arrived. */
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

    /** Whether there may be more than was passed on. Asked when a response has ended. */
    boolean mayBeLeft(Channel connection) {
        return head > 0 || left > 0 || (filled && !(connection instanceof UnixChannel));
    }

    /**
     * Whether anything waits in the socket, if only the end of the connection. That is lost then. Asked before a connection
     * is used again: an event loop that is busy may send the next request before it reads what came after the last response.
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
