package dev.postern.catalog;

import java.util.List;
import java.util.Locale;

/** How a server may interpret a body, judging by its Content-Type. */
enum BodyKind {
    /** A form: many servers merge its names and values with those of the query. */
    FORM,
    /** The same, in a format that the gate does not read. */
    MULTIPART,
    /** JSON: some servers merge its members with the parameters of the query. */
    JSON,
    /** More than one type: depending on which one the backend uses, it may find names in the body. */
    UNCLEAR,
    /** Nothing that contains names. */
    OPAQUE;

    static BodyKind of(List<String> contentTypes) {
        if (ContentTypes.areSeveral(contentTypes)) {
            return UNCLEAR;
        }
        String type = contentTypes.isEmpty() ? "" : contentTypes.getFirst().toLowerCase(Locale.ROOT);
        if (type.contains("multipart")) {
            return MULTIPART;
        }
        // Some servers read a body without a type as a form.
        if (type.contains("urlencoded") || !type.contains("/")) {
            return FORM;
        }
        return type.contains("json") ? JSON : OPAQUE;
    }

    boolean hasNames() {
        return this != OPAQUE;
    }
}
