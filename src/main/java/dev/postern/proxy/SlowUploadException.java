package dev.postern.proxy;

/** The body of a request arrives too slowly. Has no stack trace, because nothing in the gate is at fault. */
final class SlowUploadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SlowUploadException() {
        super("the body arrives too slowly", null, false, false);
    }
}
