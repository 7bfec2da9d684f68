package dev.postern.access;

/** A request target is malformed or ambiguous. Used for control flow within the parser; has no stack trace. */
final class AmbiguousTarget extends Exception {
    private static final long serialVersionUID = 1L;

    private final String detail;

    AmbiguousTarget(String detail) {
        super(detail, null, false, false);
        this.detail = detail;
    }

    /** What is wrong, without repeating the target. */
    String detail() {
        return detail;
    }
}
