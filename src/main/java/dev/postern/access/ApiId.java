package dev.postern.access;

/**
 * An API of the catalogue.
 *
 * @param value the id, {@code [A-Za-z0-9._:~-]{1,128}}
 */
public record ApiId(String value) {
    /** How the ids begin under which routes of the operator are counted, which are not APIs of the catalogue. */
    public static final String ROUTE_PREFIX = "route:";

    /** @throws IllegalArgumentException if the text is outside of the alphabet of ids */
    public ApiId {
        Ids.require("API", value);
    }

    /** Whether {@link #ApiId(String)} would take this text. */
    public static boolean isValid(String text) {
        return Ids.isId(text);
    }

    @Override
    public String toString() {
        return value;
    }
}
