package dev.postern.access;

/** A request target cannot be read in only one way. Control flow of the parser only; carries no stack. */
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
