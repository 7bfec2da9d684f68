package dev.postern.catalog;

import java.util.List;
import java.util.regex.Pattern;

/** A place in a request that contains IDs. */
sealed interface IdSource {
    Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");
    String ONENET_DATAPOINTS = "onenet-datapoints";
    Pattern JSON_PATH = Pattern.compile("[A-Za-z0-9_-]+(\\[])?(\\.[A-Za-z0-9_-]+(\\[])?)*");

    /** A query parameter; may be repeated and contain comma-separated lists. */
    record Query(String name) implements IdSource {}

    /** A header; may be repeated and contain comma-separated lists. */
    record Header(String name) implements IdSource {}

    /** The body. */
    record Body(BodyFormat format) implements IdSource {}

    static List<IdSource> parseAll(String where, List<String> texts) {
        return texts.stream().map(text -> parse(where, text.strip())).toList();
    }

    private static IdSource parse(String where, String text) {
        int colon = text.indexOf(':');
        String place = colon < 0 ? text : text.substring(0, colon);
        String name = colon < 0 ? "" : text.substring(colon + 1);
        return switch (place) {
            case "query" -> new Query(requireName(where, text, name));
            case "header" -> new Header(requireName(where, text, name));
            case "body" -> new Body(bodyFormat(where, text, name));
            default -> throw new CatalogException(where,
                    "'" + text
                            + "' is not one of query:<name>, header:<name>, body:<json path>, body:onenet-datapoints");
        };
    }

    private static String requireName(String where, String text, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new CatalogException(where, "'" + text + "' needs a name of letters, digits, _ and -");
        }
        return name;
    }

    private static BodyFormat bodyFormat(String where, String text, String name) {
        if (name.equals(ONENET_DATAPOINTS)) {
            return new OneNetDatapoints();
        }
        if (!JSON_PATH.matcher(name).matches()) {
            throw new CatalogException(where, "'" + text + "' is not a path such as body:datastreams[].id");
        }
        return JsonIds.at(name);
    }
}
