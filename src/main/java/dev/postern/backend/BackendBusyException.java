package dev.postern.backend;

import java.io.IOException;

/** No connection to a backend could be had in time, or too many calls are waiting for one. */
public final class BackendBusyException extends IOException {
    private static final long serialVersionUID = 1L;

    public BackendBusyException(String problem) {
        super(problem);
    }

    /** It is thrown when there is too much to do already. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
