package dev.postern.catalog;

/**
 * The IDs that a request names outside its body are ambiguous. Used for control flow within this package; has no stack
 * trace.
 */
final class AmbiguousId extends Exception {
    private static final long serialVersionUID = 1L;

    private final String detail;

    AmbiguousId(String detail) {
        super(detail, null, false, false);
        this.detail = detail;
    }

    String detail() {
        return detail;
    }
}
