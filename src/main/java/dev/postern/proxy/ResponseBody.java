package dev.postern.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The body of a backend's response, for one subscriber. As soon as data waits that the subscriber has not asked for,
 * the gate stops reading from the connection. Data that was read before is kept. Everything happens on the event loop
 * of the connection.
 */
final class ResponseBody extends Flux<DataBuffer> implements Subscription {
    private static final NettyDataBufferFactory BUFFERS = new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT);

    private final EventLoop loop;
    private final Source source;
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
    private @Nullable CoreSubscriber<? super DataBuffer> subscriber;
    private long requested;
    private long delivered;
    private boolean quiet;
    private boolean begun;
    private boolean emitting;
    private boolean paused;
    private boolean ended;
    private boolean over;
    private @Nullable Throwable failure;

    /** Where the body comes from. */
    interface Source {
        /** Reads from the connection, or stops reading. */
        void read(boolean wanted);

        /** Nobody wants the rest of the body. */
        void abandon();
    }

    ResponseBody(EventLoop loop, Source source) {
        this.loop = loop;
        this.source = source;
    }

    @Override
    public void subscribe(CoreSubscriber<? super DataBuffer> actual) {
        onLoop(() -> {
            if (subscriber != null || over) {
                Operators.error(actual, new IllegalStateException("the body of a response can be read once only"));
            } else {
                subscriber = actual;
                actual.onSubscribe(this);
                emit();
            }
        });
    }

    @Override
    public void request(long count) {
        if (Operators.validate(count)) {
            onLoop(() -> {
                requested = Operators.addCap(requested, count);
                emit();
            });
        }
    }

    /** Discards whatever has not been delivered, even if nobody has subscribed. */
    @Override
    public void cancel() {
        onLoop(() -> {
            if (!over) {
                over = true;
                release();
                source.abandon();
            }
        });
    }

    /** Takes ownership of the data. */
    void add(ByteBuf data) {
        if (over) {
            data.release();
        } else {
            waiting.add(data);
            emit();
        }
    }

    /**
     * Nothing more of the body is here yet. If there was nothing at all, the subscriber gets an empty buffer: only then
     * does the server send the head of the response, for which the client of a quiet event stream waits.
     */
    void pause() {
        quiet = true;
        begin();
    }

    private void begin() {
        CoreSubscriber<? super DataBuffer> to = subscriber;
        if (quiet && to != null && !begun && requested > 0 && !over && !ended) {
            begun = true;
            if (requested != Long.MAX_VALUE) {
                requested--;
            }
            to.onNext(BUFFERS.wrap(Unpooled.EMPTY_BUFFER));
        }
    }

    /** How many buffers of the backend the subscriber has received. */
    long delivered() {
        return delivered;
    }

    /** Whether there is data that the subscriber has not asked for. */
    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    void end() {
        ended = true;
        emit();
    }

    /** Fails at once: a subscriber that does not ask for the rest would never learn of it. */
    void fail(Throwable cause) {
        release();
        failure = cause;
        end();
    }

    /** Ends the body before the backend does. */
    void cut(Throwable cause) {
        onLoop(() -> {
            if (!over) {
                source.abandon();
                fail(cause);
            }
        });
    }

    private void emit() {
        CoreSubscriber<? super DataBuffer> to = subscriber;
        if (emitting || over) {
            return;
        }
        if (to != null) {
            emitting = true;
            try {
                emitWaiting(to);
            } finally {
                emitting = false;
            }
            if (ended && !over && waiting.isEmpty()) {
                over = true;
                finish(to);
            }
        }
        begin();
        boolean pause = !over && !waiting.isEmpty();
        if (pause != paused) {
            paused = pause;
            source.read(!pause);
        }
    }

    private void emitWaiting(CoreSubscriber<? super DataBuffer> to) {
        while (requested > 0 && !over && !waiting.isEmpty()) {
            if (requested != Long.MAX_VALUE) {
                requested--;
            }
            begun = true;
            delivered++;
            to.onNext(BUFFERS.wrap(waiting.remove()));
        }
    }

    private void finish(CoreSubscriber<? super DataBuffer> to) {
        Throwable cause = failure;
        if (cause == null) {
            to.onComplete();
        } else {
            to.onError(cause);
        }
    }

    private void release() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }
}
