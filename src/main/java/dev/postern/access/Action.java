package dev.postern.access;

import java.util.Locale;
import java.util.Optional;

/** What a permission allows a caller to do with a resource: create (post), query (get), update (put) or delete it. */
public enum Action {
    GET, POST, PUT, DELETE;

    /** The action with this name, ignoring case; empty when there is none. */
    public static Optional<Action> named(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "get" -> Optional.of(GET);
            case "post" -> Optional.of(POST);
            case "put" -> Optional.of(PUT);
            case "delete" -> Optional.of(DELETE);
            case null, default -> Optional.empty();
        };
    }

    /** The action that an HTTP method requires: HEAD is treated as GET, PATCH as PUT; empty for other methods. */
    public static Optional<Action> ofMethod(String method) {
        return switch (method) {
            case "GET", "HEAD" -> Optional.of(GET);
            case "POST" -> Optional.of(POST);
            case "PUT", "PATCH" -> Optional.of(PUT);
            case "DELETE" -> Optional.of(DELETE);
            default -> Optional.empty();
        };
    }

    /** The lower-case name that clients use. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
