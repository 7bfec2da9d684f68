package dev.postern.catalog;

/** What a request names outside of its body is in doubt. Control flow within this package; carries no stack. */
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
