package dev.postern.express;

import dev.postern.call.UploadPace;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the body of a client arrives too slowly, or not at all. Only the time in which the gate waits for the
 * client is counted.
 */
final class UploadClock {
    private final EventExecutor loop;
    private final UploadPace pace;
    private final long silence;
    private final Runnable onLate;
    private long bytes;
    private long waited;
    private boolean waiting;
    private long waitingSince;
    private @Nullable ScheduledFuture<?> timer;

    /** @param silence longest pause */
    UploadClock(EventExecutor loop, UploadPace pace, Duration silence, Runnable onLate) {
        this.loop = loop;
        this.pace = pace;
        this.silence = silence.toNanos();
        this.onLate = onLate;
    }

    /** The gate waits for bytes of the client. */
    void awaits() {
        if (!waiting) {
            waiting = true;
            waitingSince = System.nanoTime();
            if (timer == null) {
                schedule();
            }
        }
    }

    void arrived(int count) {
        if (waiting) {
            waiting = false;
            waited += System.nanoTime() - waitingSince;
        }
        bytes += count;
    }

    void stop() {
        waiting = false;
        ScheduledFuture<?> scheduled = timer;
        timer = null;
        if (scheduled != null) {
            scheduled.cancel(false);
        }
    }

    /** Nanoseconds for which the gate may still wait. */
    private long left() {
        long now = System.nanoTime() - waitingSince;
        long untilSilence = silence - now;
        return pace.isLimited() ? Math.min(untilSilence, pace.allowedNanos(bytes) - waited - now) : untilSilence;
    }

    private void schedule() {
        timer = loop.schedule(this::look, Math.max(left(), 1), TimeUnit.NANOSECONDS);
    }

    private void look() {
        timer = null;
        if (!waiting) {
            return;
        }
        if (left() > 0) {
            schedule();
        } else {
            waiting = false;
            onLate.run();
        }
    }
}
