package dev.postern.catalog;

/** The configured catalogue is invalid; the message says where and why. */
public final class CatalogException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CatalogException(String where, String why) {
        super(where + ": " + why);
    }
}
