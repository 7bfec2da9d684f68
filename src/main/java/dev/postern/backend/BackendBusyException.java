package dev.postern.backend;

import java.io.IOException;

/** No connection to a backend became available in time, or too many calls are waiting for one. */
public final class BackendBusyException extends IOException {
    private static final long serialVersionUID = 1L;

    public BackendBusyException(String problem) {
        super(problem);
    }

    /** Has no stack trace, because it is thrown under overload. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
