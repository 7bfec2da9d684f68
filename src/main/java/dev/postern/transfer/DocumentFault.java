package dev.postern.transfer;

/** Thrown to refuse the rest of a document. The lines before were handled. */
public final class DocumentFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DocumentFault(String message) {
        super(message, null, false, false);
    }
}
