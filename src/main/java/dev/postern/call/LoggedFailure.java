package dev.postern.call;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A failure in a form that is safe to log: its class and where it happened. The original message, and the traces that
 * Reactor attaches, might contain the target of the request, and so an API key.
 */
public final class LoggedFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final int FRAMES_OF_A_LINE = 4;

    private LoggedFailure(String kind) {
        super(kind, null, false, true);
    }

    public static LoggedFailure of(Throwable failure) {
        LoggedFailure logged = new LoggedFailure(failure.getClass().getName());
        logged.setStackTrace(failure.getStackTrace());
        return logged;
    }

    /** The class of a failure and where it happened, in one line. */
    public static String line(Throwable failure) {
        return failure.getClass().getName() + Arrays.stream(failure.getStackTrace()).limit(FRAMES_OF_A_LINE)
                .map(frame -> " at " + frame.getClassName() + "." + frame.getMethodName() + ":" + frame.getLineNumber())
                .collect(Collectors.joining());
    }
}
