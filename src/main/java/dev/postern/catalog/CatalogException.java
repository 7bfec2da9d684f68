package dev.postern.catalog;

/** The catalogue as configured cannot be used; the message says where and why. */
public final class CatalogException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CatalogException(String where, String why) {
        super(where + ": " + why);
    }
}
