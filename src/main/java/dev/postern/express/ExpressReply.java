package dev.postern.express;

import dev.postern.call.Call;
import dev.postern.call.CallReport;
import dev.postern.call.Denial;
import dev.postern.call.Lane;
import dev.postern.wire.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/** Writes the response to the client: that of the backend, or a denial. */
final class ExpressReply {
    /** Room for the framing of a chunk. */
    private static final int FRAMING = 32;
    /**
     * Data up to this size is copied behind the bytes that wait to be written, because that is cheaper than another
     * buffer.
     */
    private static final int SMALL = 4 * 1024;
    private static final short CRLF = 0x0d0a;

    private final ChannelHandlerContext client;
    private final Services services;
    private final Call call;
    private final @Nullable CallReport report;
    private @Nullable ByteBuf out;
    private boolean sent;
    private boolean chunked;
    private boolean withoutBody;

    ExpressReply(ChannelHandlerContext client, Services services, Call call) {
        this.client = client;
        this.services = services;
        this.call = call;
        this.report = call.report();
        if (report != null) {
            report.takes(Lane.EXPRESS);
        }
    }

    /** Whether any of the response has been sent, so that it cannot be replaced. */
    boolean isSent() {
        return sent;
    }

    /** Whether there is anything to send. */
    boolean isEmpty() {
        return !sent && out == null;
    }

    /**
     * @param size   of the backend's head, in bytes
     * @param toHead whether it answers a HEAD
     * @param last   whether the connection closes after this response
     */
    void head(byte[] head, int size, ResponseHead parsed, boolean toHead, boolean last) {
        HeadWriter to = HeadWriter.begin();
        chunked = ClientHead.write(to, head, size, parsed, services.dropped(), toHead, last, services.date().now());
        withoutBody = ClientHead.isAlwaysEmpty(parsed.status());
        addOurs(to);
        if (report != null) {
            report.answers(parsed.status());
        }
        // A part of the body that is already here is sent with the head.
        out = to.endLine().take(client.alloc(), withoutBody || toHead ? 0 : room(parsed));
    }

    private static int room(ResponseHead parsed) {
        return parsed.body() == ResponseHead.Body.FIXED && parsed.length() < SMALL
                ? (int) parsed.length()
                : SMALL + FRAMING;
    }

    private void addOurs(HeadWriter to) {
        if (services.varyOrigin()) {
            to.header("vary", "origin");
        }
        services.replyHeaders().write(call, Lane.EXPRESS, to::header);
    }

    void data(ByteBuf data) {
        int size = data.readableBytes();
        if (size == 0 || withoutBody) {
            return;
        }
        if (report != null) {
            report.sends(size);
        }
        ByteBuf present = out;
        ByteBuf to = present == null ? client.alloc().ioBuffer(Math.min(size, SMALL) + FRAMING) : present;
        out = to;
        if (chunked) {
            ByteBufUtil.writeAscii(to, Integer.toHexString(size));
            to.writeShort(CRLF);
        }
        if (size <= SMALL) {
            to.writeBytes(data);
        } else {
            write();
            var _ = client.write(data.retain(), client.voidPromise());
        }
        if (chunked) {
            after().writeShort(CRLF);
        }
    }

    private ByteBuf after() {
        ByteBuf present = out;
        if (present == null) {
            present = client.alloc().ioBuffer(FRAMING);
            out = present;
        }
        return present;
    }

    void flush() {
        write();
        client.flush();
    }

    /** The response has ended. */
    void end() {
        if (chunked) {
            ByteBufUtil.writeAscii(after(), "0\r\n\r\n");
        }
        flush();
        reportEnd(true);
    }

    private void reportEnd(boolean whole) {
        if (report != null) {
            report.ended(whole);
        }
    }

    private void write() {
        ByteBuf ready = out;
        out = null;
        if (ready != null) {
            sent = true;
            var _ = client.write(ready, client.voidPromise());
        }
    }

    /**
     * @param withBody false for HEAD
     * @param last     whether the connection closes after this response
     */
    void denial(Denial denial, boolean withBody, boolean last) {
        drop();
        HeadWriter to = HeadWriter.begin();
        ClientHead.status(to, denial.status());
        denial.headers().forEach((name, value) -> {
            if (!name.equals("Connection")) {
                to.header(name, value);
            }
        });
        to.header("content-length", Integer.toString(denial.body().length));
        if (last) {
            ClientHead.close(to);
        }
        ClientHead.date(to, services.date().now());
        addOurs(to);
        to.endLine();
        if (withBody) {
            to.put(denial.body());
        }
        out = to.take(client.alloc(), 0);
        if (report != null) {
            report.answers(denial.status());
            report.sends(withBody ? denial.body().length : 0);
        }
        flush();
        reportEnd(true);
    }

    /** Drops what is not sent. The call is over, whether or not it was answered. */
    void release() {
        drop();
        reportEnd(false);
    }

    private void drop() {
        ByteBuf ready = out;
        out = null;
        if (ready != null) {
            ready.release();
        }
    }
}
