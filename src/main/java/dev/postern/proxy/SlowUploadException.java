package dev.postern.proxy;

/** The body of a request arrives more slowly than the gate waits for it. Carries no stack: nothing in the gate is at fault. */
final class SlowUploadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SlowUploadException() {
        super("the body arrives too slowly", null, false, false);
    }
}
