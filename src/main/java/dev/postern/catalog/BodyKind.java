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
    /** Nothing that has names, or more than one type, of which none is then believed. */
    OPAQUE;

    static BodyKind of(List<String> contentTypes) {
        BodyKind kind = OPAQUE;
        if (contentTypes.stream().noneMatch(type -> type.contains("/"))) {
            // Some servers take a body without a type for a form.
            return FORM;
        }
        for (String contentType : contentTypes) {
            String type = contentType.toLowerCase(Locale.ROOT);
            if (type.contains("multipart/")) {
                return MULTIPART;
            }
            if (type.contains("form-urlencoded")) {
                kind = FORM;
            } else if (type.contains("json") && kind == OPAQUE) {
                kind = JSON;
            }
        }
        return kind;
    }

    boolean hasNames() {
        return this != OPAQUE;
    }
}
