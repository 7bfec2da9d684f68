package dev.postern.wire;

import dev.postern.wire.ResponseReader.State;
import io.netty.channel.Channel;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ends responses that take too long. There is one timer per connection, however many requests it carries. The timer is
 * not rescheduled for each request; when it fires, it checks whether the deadline has moved.
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

    /** A request begins. There is no limit on how long its body may take to arrive from its sender. */
    void requested() {
        sent = false;
        deadline = NEVER;
    }

    /** The request has been sent, and the response is in this state: the time limit for the rest of it starts now. */
    void sent(State state) {
        sent = true;
        switch (state) {
            case HEAD -> set(responseNanos);
            // The head came before the end of the request was sent: the time limit for the body starts again now.
            case FIXED, CHUNKED, UNTIL_CLOSE -> set(idleNanos);
            case IDLE, UPGRADED -> deadline = NEVER;
        }
    }

    /** While a request is being sent, the server must keep reading it. */
    void writable(boolean isWritable) {
        if (!sent) {
            if (isWritable) {
                deadline = NEVER;
            } else {
                set(idleNanos);
            }
        }
    }

    /** Bytes have arrived, and the response is now in this state. */
    void arrived(State state) {
        switch (state) {
            // The whole head has one deadline, however many pieces it arrives in.
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
