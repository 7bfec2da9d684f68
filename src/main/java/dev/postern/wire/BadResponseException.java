package dev.postern.wire;

import java.io.IOException;

/** The server sent something that is not an HTTP/1.1 response to the request. The message never quotes the response. */
public final class BadResponseException extends IOException {
    private static final long serialVersionUID = 1L;

    BadResponseException(String problem) {
        super(problem);
    }

    /** Has no stack trace, because a place in the gate's code says nothing about the server. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
