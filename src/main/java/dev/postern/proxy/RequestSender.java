package dev.postern.proxy;

import dev.postern.wire.Chunks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.NettyDataBuffer;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/**
 * Sends the body of a request to a backend, as fast as the backend takes it. Everything happens on the event loop of
 * the backend's connection.
 */
final class RequestSender extends BaseSubscriber<DataBuffer> {
    /** Buffers that are asked for in advance. */
    private static final int AHEAD = 16;

    private final Channel backend;
    private final boolean chunked;
    private final Listener listener;
    /** Bytes that are still to be sent, if their number is known. */
    private long left;
    private int held;
    private boolean starting;
    private boolean over;

    /** Receives the end of the body. */
    interface Listener {
        /** The whole body was written. */
        void sent();

        /** The body has failed, or is not as long as the head says. */
        void failed(Throwable cause);
    }

    /** @param length in bytes, or {@link RequestHead#CHUNKED} */
    RequestSender(Channel backend, long length, Listener listener) {
        this.backend = backend;
        this.chunked = length == RequestHead.CHUNKED;
        this.left = length;
        this.listener = listener;
    }

    /** Sends what was written before together with the part of the body that is already there. */
    void start(Flux<DataBuffer> body) {
        starting = true;
        body.subscribe(this);
        starting = false;
        flush();
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        subscription.request(AHEAD);
    }

    @Override
    protected void hookOnNext(DataBuffer buffer) {
        ByteBuf data = bytes(buffer);
        onLoop(() -> write(data));
    }

    private static ByteBuf bytes(DataBuffer buffer) {
        if (buffer instanceof NettyDataBuffer netty) {
            return netty.getNativeBuffer();
        }
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        return Unpooled.wrappedBuffer(bytes);
    }

    private void write(ByteBuf data) {
        int size = data.readableBytes();
        if (over || size == 0 || (!chunked && size > left)) {
            data.release();
            if (!over && size > 0) {
                fail(new IllegalStateException("the body of the request is longer than its Content-Length"));
                return;
            }
        } else if (chunked) {
            Chunks.write(backend, data);
        } else {
            left -= size;
            var _ = backend.write(data, backend.voidPromise());
        }
        flush();
        held++;
        writable(backend.isWritable());
    }

    /** To be called when the backend takes more, or no more for now. */
    void writable(boolean isWritable) {
        if (isWritable && held > 0 && !over) {
            int more = held;
            held = 0;
            request(more);
        }
    }

    private void flush() {
        if (!starting && !over) {
            backend.flush();
        }
    }

    @Override
    protected void hookOnComplete() {
        onLoop(() -> {
            if (over) {
                return;
            }
            if (!chunked && left > 0) {
                fail(new IllegalStateException("the body of the request is shorter than its Content-Length"));
                return;
            }
            if (chunked) {
                Chunks.end(backend);
            }
            over = true;
            backend.flush();
            listener.sent();
        });
    }

    @Override
    protected void hookOnError(Throwable cause) {
        onLoop(() -> {
            if (!over) {
                fail(cause);
            }
        });
    }

    private void fail(Throwable cause) {
        stop();
        listener.failed(cause);
    }

    /** Sends no more. What arrives later is dropped. */
    void stop() {
        over = true;
        cancel();
    }

    private void onLoop(Runnable task) {
        if (backend.eventLoop().inEventLoop()) {
            task.run();
        } else {
            backend.eventLoop().execute(task);
        }
    }
}
