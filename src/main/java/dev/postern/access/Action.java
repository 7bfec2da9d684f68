package dev.postern.access;

import java.util.Locale;
import java.util.Optional;

/** What a permission allows to do with a resource: create (post), query (get), update (put) or delete it. */
public enum Action {
    GET, POST, PUT, DELETE;

    /** The action of this name in any letter case; empty when there is none. */
    public static Optional<Action> named(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "get" -> Optional.of(GET);
            case "post" -> Optional.of(POST);
            case "put" -> Optional.of(PUT);
            case "delete" -> Optional.of(DELETE);
            case null, default -> Optional.empty();
        };
    }

    /** The right that an HTTP method needs: HEAD reads as GET does, PATCH changes as PUT does; empty for any other. */
    public static Optional<Action> ofMethod(String method) {
        return switch (method) {
            case "GET", "HEAD" -> Optional.of(GET);
            case "POST" -> Optional.of(POST);
            case "PUT", "PATCH" -> Optional.of(PUT);
            case "DELETE" -> Optional.of(DELETE);
            default -> Optional.empty();
        };
    }

    /** The name as clients write it, in lower case. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
