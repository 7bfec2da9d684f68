package dev.postern.call;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.ThreadExecutorMap;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Aborts uploads that are too slow, because each of them holds a connection to a backend. Only the time in which the
 * gate waits for the client is counted, not the time in which the backend reads nothing. An upload may take
 * {@code grace}, plus one second for every {@code bytesPerSecond} bytes that have arrived.
 *
 * @param grace          waiting time that every upload has
 * @param bytesPerSecond slowest permitted rate after that; 0 for no limit
 */
public record UploadPace(Duration grace, long bytesPerSecond) {
    public Flux<DataBuffer> hold(Flux<DataBuffer> body) {
        return bytesPerSecond <= 0
                ? body
                : body.transform(Operators.<DataBuffer, DataBuffer>lift((_, actual) -> new Watch(this, actual)));
    }

    /** Whether there is a limit. */
    public boolean isLimited() {
        return bytesPerSecond > 0;
    }

    /** How long the gate may have waited in all when this many bytes have arrived. */
    public long allowedNanos(long bytes) {
        return grace.toNanos() + (long) ((double) bytes / bytesPerSecond * TimeUnit.SECONDS.toNanos(1));
    }

    /** One upload. Its buffers arrive on the event loop of the client and are requested on that of the backend. */
    private static final class Watch implements CoreSubscriber<DataBuffer>, Subscription {
        private final UploadPace pace;
        private final CoreSubscriber<? super DataBuffer> actual;
        private final @Nullable EventExecutor loop = ThreadExecutorMap.currentExecutor();
        private @Nullable Subscription upstream;
        private @Nullable Future<?> timer;
        private long demand;
        private long bytes;
        private long waited;
        private long waitingSince;
        private boolean over;
        private boolean emitting;
        private boolean tooSlow;

        Watch(UploadPace pace, CoreSubscriber<? super DataBuffer> actual) {
            this.pace = pace;
            this.actual = actual;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            upstream = subscription;
            actual.onSubscribe(this);
        }

        @Override
        public void request(long count) {
            synchronized (this) {
                if (demand == 0) {
                    waitingSince = System.nanoTime();
                }
                demand = Operators.addCap(demand, count);
                if (timer == null && !over) {
                    schedule();
                }
            }
            if (upstream != null) {
                upstream.request(count);
            }
        }

        @Override
        public void onNext(DataBuffer buffer) {
            synchronized (this) {
                if (over) {
                    DataBufferUtils.release(buffer);
                    return;
                }
                long now = System.nanoTime();
                waited += now - waitingSince;
                waitingSince = now;
                bytes += buffer.readableByteCount();
                if (demand != Long.MAX_VALUE) {
                    demand--;
                }
                emitting = true;
            }
            boolean late;
            try {
                actual.onNext(buffer);
            } finally {
                synchronized (this) {
                    emitting = false;
                    late = tooSlow;
                }
            }
            if (late) {
                actual.onError(new SlowUploadException());
            }
        }

        @Override
        public void onError(Throwable failure) {
            if (end()) {
                actual.onError(failure);
            }
        }

        @Override
        public void onComplete() {
            if (end()) {
                actual.onComplete();
            }
        }

        @Override
        public void cancel() {
            end();
            if (upstream != null) {
                upstream.cancel();
            }
        }

        private synchronized boolean end() {
            boolean first = !over;
            over = true;
            if (timer != null) {
                timer.cancel(false);
            }
            return first;
        }

        /** Nanoseconds for which the gate may still wait. */
        private long left() {
            long waiting = demand == 0 ? 0 : System.nanoTime() - waitingSince;
            return pace.allowedNanos(bytes) - waited - waiting;
        }

        private void schedule() {
            if (loop != null) {
                timer = loop.schedule(this::look, Math.max(left(), 1), TimeUnit.NANOSECONDS);
            }
        }

        private void look() {
            synchronized (this) {
                if (over) {
                    return;
                }
                if (demand == 0) {
                    // The gate is not waiting for the client; the next request for its bytes sets the timer again.
                    timer = null;
                    return;
                }
                if (left() > 0) {
                    schedule();
                    return;
                }
            }
            if (end()) {
                if (upstream != null) {
                    upstream.cancel();
                }
                synchronized (this) {
                    tooSlow = true;
                    if (emitting) {
                        // Another thread is delivering a buffer and will signal the end afterwards: signals must be
                        // serialized.
                        return;
                    }
                }
                actual.onError(new SlowUploadException());
            }
        }
    }
}
