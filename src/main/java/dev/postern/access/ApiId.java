package dev.postern.access;

/**
 * An API of the catalogue.
 *
 * @param value the ID, {@code [A-Za-z0-9._:~-]{1,128}}
 */
public record ApiId(String value) {
    /** Prefix of the IDs under which the operator's own routes are counted; these are not APIs of the catalogue. */
    public static final String ROUTE_PREFIX = "route:";

    /** @throws IllegalArgumentException if the text is not a valid ID */
    public ApiId {
        Ids.require("API", value);
    }

    /** Whether {@link #ApiId(String)} accepts this text. */
    public static boolean isValid(String text) {
        return Ids.isId(text);
    }

    @Override
    public String toString() {
        return value;
    }
}
