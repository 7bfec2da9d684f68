package dev.postern.wire;

import dev.postern.wire.ResponseReader.State;
import io.netty.channel.Channel;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ends responses that take too long. One timer a connection, however many requests it carries: it is not moved with each of
 * them, but looks again when the time that it was set for is over.
 */
final class ResponseClock {
    private static final long NEVER = Long.MAX_VALUE;

    private final long responseNanos;
    private final long idleNanos;
    private long deadline = NEVER;
    private boolean sent;
    private @Nullable Channel channel;
    private @Nullable Consumer<Throwable> onTimeout;
    private @Nullable ScheduledFuture<?> timer;
    private long timerDeadline = NEVER;

    ResponseClock(ResponseLimits limits) {
        this.responseNanos = limits.responseTimeout().toNanos();
        this.idleNanos = limits.idleTimeout().toNanos();
    }

    void start(Channel ofConnection, Consumer<Throwable> listener) {
        channel = ofConnection;
        onTimeout = listener;
    }

    /** A request begins. Its body may take as long as its sender needs. */
    void requested() {
        sent = false;
        deadline = NEVER;
    }

    /** The request is out, and the response is in this state: what is missing of it is due now. */
    void sent(State state) {
        sent = true;
        switch (state) {
            case HEAD -> set(responseNanos);
            // The head came early, and the time for its body was not counted while the request was sent.
            case FIXED, CHUNKED, UNTIL_CLOSE -> set(idleNanos);
            case IDLE, UPGRADED -> deadline = NEVER;
        }
    }

    /** While a request is sent, the server must not stop taking it. */
    void writable(boolean isWritable) {
        if (!sent) {
            if (isWritable) {
                deadline = NEVER;
            } else {
                set(idleNanos);
            }
        }
    }

    /** Bytes have come, after which the response is in this state. */
    void arrived(State state) {
        switch (state) {
            // The whole head is due at one time, however it is cut.
            case HEAD -> {
            }
            case FIXED, CHUNKED, UNTIL_CLOSE -> set(idleNanos);
            case IDLE, UPGRADED -> deadline = NEVER;
        }
    }

    private void set(long nanos) {
        deadline = System.nanoTime() + nanos;
        if (timer == null || timerDeadline - deadline > 0) {
            schedule();
        }
    }

    private void schedule() {
        stop();
        Channel connection = channel;
        if (connection != null && connection.isActive()) {
            timerDeadline = deadline;
            timer = connection.eventLoop().schedule(this::look, deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
    }

    private void look() {
        timer = null;
        timerDeadline = NEVER;
        if (deadline == NEVER) {
            return;
        }
        if (deadline - System.nanoTime() > 0) {
            schedule();
            return;
        }
        deadline = NEVER;
        if (onTimeout != null) {
            onTimeout.accept(ReadTimeoutException.INSTANCE);
        }
    }

    void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
            timerDeadline = NEVER;
        }
    }
}
