package dev.postern.telemetry;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * A log for messages that strangers can trigger: one line for each, without a stack trace, and no more than a few per
 * second. The next line that is written says how many were suppressed.
 */
public final class LimitedLog {
    private static final int LINES_PER_SECOND = 5;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Logger log;
    private final LongSupplier nanoTime;
    private long second;
    private int written;
    private long leftOut;

    public LimitedLog(Logger log) {
        this(log, System::nanoTime);
    }

    LimitedLog(Logger log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
        this.second = nanoTime.getAsLong();
    }

    public void info(String format, Object... arguments) {
        write(Level.INFO, format, arguments);
    }

    public void warn(String format, Object... arguments) {
        write(Level.WARN, format, arguments);
    }

    public void error(String format, Object... arguments) {
        write(Level.ERROR, format, arguments);
    }

    /**
     * @param arguments values for the placeholders; for an exception, only the class name is logged, because its
     *                  message might quote the request
     */
    private void write(Level level, String format, Object... arguments) {
        if (!log.isEnabledForLevel(level)) {
            return;
        }
        long before = admit();
        if (before < 0) {
            return;
        }
        Object[] plain = new Object[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            plain[i] = arguments[i] instanceof Throwable failure ? failure.getClass().getName() : arguments[i];
        }
        log.atLevel(level).log(before == 0 ? format : format + " (" + before + " such lines were suppressed)", plain);
    }

    /** The number of lines suppressed before this one; -1 if this one must be suppressed too. */
    private synchronized long admit() {
        long now = nanoTime.getAsLong();
        if (now - second >= SECOND) {
            second = now;
            written = 0;
        }
        if (written >= LINES_PER_SECOND) {
            leftOut++;
            return -1;
        }
        written++;
        long before = leftOut;
        leftOut = 0;
        return before;
    }
}
