package dev.postern.wire;

import java.io.IOException;

/** The server sent something that is not an HTTP/1.1 response to the request. The message never quotes what it sent. */
public final class BadResponseException extends IOException {
    private static final long serialVersionUID = 1L;

    BadResponseException(String problem) {
        super(problem);
    }

    /** The place in the gate's code says nothing about the server. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
