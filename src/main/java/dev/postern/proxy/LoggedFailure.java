package dev.postern.proxy;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A failure as it may stand in a log: its kind and where it happened. Its message, and what Reactor hangs on to it, might hold
 * the target of the request, and with it a key.
 */
final class LoggedFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final int FRAMES_OF_A_LINE = 4;

    private LoggedFailure(String kind) {
        super(kind, null, false, true);
    }

    static LoggedFailure of(Throwable failure) {
        LoggedFailure logged = new LoggedFailure(failure.getClass().getName());
        logged.setStackTrace(failure.getStackTrace());
        return logged;
    }

    /** The kind of a failure and where it happened, in one line. */
    static String line(Throwable failure) {
        return failure.getClass().getName() + Arrays.stream(failure.getStackTrace()).limit(FRAMES_OF_A_LINE)
                .map(frame -> " at " + frame.getClassName() + "." + frame.getMethodName() + ":" + frame.getLineNumber())
                .collect(Collectors.joining());
    }
}
