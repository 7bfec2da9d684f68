package dev.postern.proxy;

/**
 * A failure as it may stand in a log: its kind and where it happened. Its message, and what Reactor hangs on to it, might hold
 * the target of the request, and with it a key.
 */
final class LoggedFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private LoggedFailure(String kind) {
        super(kind, null, false, true);
    }

    static LoggedFailure of(Throwable failure) {
        LoggedFailure logged = new LoggedFailure(failure.getClass().getName());
        logged.setStackTrace(failure.getStackTrace());
        return logged;
    }
}
