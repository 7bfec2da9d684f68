package dev.postern.express;

import dev.postern.backend.RawConnection;
import dev.postern.call.Attempt;
import dev.postern.wire.Chunks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The request of a call on its way to the backend: what happens to its body. */
final class ExpressRequest {
    private static final int SMALL = 4 * 1024;

    private final ChannelHandlerContext client;
    private final Services services;
    private final PlainHead head;
    private final UploadClock clock;
    private State state = State.HELD;
    private ByteBuf collected = Unpooled.EMPTY_BUFFER;
    private Runnable onCollectTimeout = () -> {};
    private @Nullable ScheduledFuture<?> collectTimer;
    private @Nullable RawConnection connection;

    private enum State {
        /** Nobody wants the body yet. */
        HELD,
        /** The body is read, because the decision depends on it. */
        COLLECTED,
        /** The body is sent as it arrives. */
        SENT,
        /** The body is dropped. */
        DISCARDED
    }

    ExpressRequest(ChannelHandlerContext client, Services services, PlainHead head, Runnable onLate) {
        this.client = client;
        this.services = services;
        this.head = head;
        this.clock = new UploadClock(client.executor(), services.pace(), services.readTimeout(), onLate);
    }

    HttpMethod method() {
        return HttpMethod.valueOf(head.method());
    }

    /** Whether it does not matter how often the backend receives the request. */
    boolean isSafe() {
        return head.method().equals("GET") || head.method().equals("HEAD");
    }

    /**
     * Begins to read the body, so that it can be searched. The time for it is limited unless all of it is already here.
     */
    void collect(Runnable onTimeout) {
        state = State.COLLECTED;
        onCollectTimeout = onTimeout;
        collected = client.alloc()
                .buffer((int) Math.max(0, Math.min(head.contentLength, services.readableBodies().maxBytes())));
    }

    boolean hasCollected() {
        return state == State.COLLECTED;
    }

    byte[] collected() {
        return ByteBufUtil.getBytes(collected);
    }

    /** How many bytes of the body {@link #send} copies behind the head, because that is cheaper than another buffer. */
    int sizeBehindHead() {
        int size = collected.readableBytes();
        return !head.chunked && size <= SMALL ? size : 0;
    }

    /**
     * Writes the head, and the body if it was read before.
     *
     * @param whole whether all of the body was read
     * @return whether the body is still to come
     */
    boolean send(RawConnection on, ByteBuf bytes, Attempt attempt, boolean whole) {
        connection = on;
        Channel backend = on.channel();
        boolean read = state == State.COLLECTED;
        bytes.writeBytes(collected, sizeBehindHead());
        var _ = backend.write(bytes, backend.voidPromise());
        if (read || !head.hasBody()) {
            if (read) {
                attempt.bodyRequested();
                state = State.SENT;
                write(collected);
                collected = Unpooled.EMPTY_BUFFER;
                endBody();
            }
            backend.flush();
            on.requestSent();
            return false;
        }
        if (whole) {
            throw new IllegalStateException("a body was read before it was wanted");
        }
        attempt.bodyRequested();
        state = State.SENT;
        return true;
    }

    /** Takes ownership of the data. */
    private void write(ByteBuf data) {
        RawConnection to = connection;
        if (to == null || !data.isReadable()) {
            data.release();
            return;
        }
        Channel backend = to.channel();
        if (head.chunked) {
            Chunks.write(backend, data);
        } else {
            var _ = backend.write(data, backend.voidPromise());
        }
    }

    private void endBody() {
        RawConnection to = connection;
        if (to != null && head.chunked) {
            Chunks.end(to.channel());
        }
    }

    boolean wantsBody() {
        RawConnection to = connection;
        return switch (state) {
            case HELD -> false;
            case COLLECTED, DISCARDED -> true;
            case SENT -> to != null && to.channel().isWritable();
        };
    }

    /** All bytes that have arrived were taken, and more are expected. */
    void awaits() {
        flush();
        if (state != State.COLLECTED) {
            clock.awaits();
        } else if (collectTimer == null) {
            collectTimer = client.executor().schedule(onCollectTimeout, services.bodyReadTimeout().toNanos(),
                    TimeUnit.NANOSECONDS);
        }
    }

    /**
     * Takes a part of the body.
     *
     * @param data valid during the call only
     * @return false if the body is too large to be searched
     */
    boolean take(ByteBuf data) {
        clock.arrived(data.readableBytes());
        switch (state) {
            case COLLECTED -> {
                if (collected.readableBytes() + data.readableBytes() > services.readableBodies().maxBytes()) {
                    return false;
                }
                collected.writeBytes(data);
            }
            case SENT -> write(data.retain());
            case HELD, DISCARDED -> {
            }
        }
        return true;
    }

    /** All of the body was taken. */
    void ended() {
        clock.stop();
        stopCollectTimer();
        RawConnection to = connection;
        if (state == State.SENT && to != null) {
            endBody();
            to.channel().flush();
            to.requestSent();
        }
    }

    void flush() {
        RawConnection to = connection;
        if (state == State.SENT && to != null) {
            to.channel().flush();
        }
    }

    private void stopCollectTimer() {
        ScheduledFuture<?> timer = collectTimer;
        collectTimer = null;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** Gives back everything. Parts of the body that arrive later are dropped. */
    void release() {
        state = State.DISCARDED;
        connection = null;
        clock.stop();
        stopCollectTimer();
        collected.release();
        collected = Unpooled.EMPTY_BUFFER;
    }
}
