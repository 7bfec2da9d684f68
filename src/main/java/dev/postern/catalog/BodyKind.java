package dev.postern.catalog;

import java.util.List;
import java.util.Locale;

/** What a server would make of a body, going by its Content-Type. */
enum BodyKind {
    /** Names and values that many servers mix with those of the query. */
    FORM,
    /** The same, in a form that is not read here. */
    MULTIPART,
    /** Members that some servers mix with the parameters of the query. */
    JSON,
    /** More than one type: whichever the backend believes, it may see names. */
    UNCLEAR,
    /** Nothing that has names. */
    OPAQUE;

    static BodyKind of(List<String> contentTypes) {
        if (ContentTypes.areSeveral(contentTypes)) {
            return UNCLEAR;
        }
        String type = contentTypes.isEmpty() ? "" : contentTypes.getFirst().toLowerCase(Locale.ROOT);
        if (type.contains("multipart")) {
            return MULTIPART;
        }
        // Some servers take a body without a type for a form.
        if (type.contains("urlencoded") || !type.contains("/")) {
            return FORM;
        }
        return type.contains("json") ? JSON : OPAQUE;
    }

    boolean hasNames() {
        return this != OPAQUE;
    }
}
