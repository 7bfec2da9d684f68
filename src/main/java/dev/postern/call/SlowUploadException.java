package dev.postern.call;

/** The body of a request arrives too slowly. Has no stack trace, because nothing in the gate is at fault. */
public final class SlowUploadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SlowUploadException() {
        super("the body arrives too slowly", null, false, false);
    }
}
