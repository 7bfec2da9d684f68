package dev.postern.catalog;

/** The IDs in a body cannot be read unambiguously. Used for control flow within this package; has no stack trace. */
final class UnreadableBody extends Exception {
    private static final long serialVersionUID = 1L;

    private final String detail;

    UnreadableBody(String detail) {
        super(detail, null, false, false);
        this.detail = detail;
    }

    String detail() {
        return detail;
    }
}
