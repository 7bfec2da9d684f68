package dev.postern.access;

import dev.postern.access.RequestTarget.Parameter;
import dev.postern.access.RequestTarget.Parsed;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses a raw HTTP request target. Refuses what can make a gate and the server behind it see two different paths:
 * encoded slashes, backslashes, dot segments, NUL, path parameters, double encoding. Empty segments are dropped, not
 * refused.
 */
public final class TargetParser {
    /** Some servers ignore parameters after the thousandth; the decision must not be based on one of those. */
    private static final int MAX_PARAMETERS = 256;

    private TargetParser() {}

    /** Never throws: an unreadable target is {@link Parsed.Ambiguous}. */
    public static Parsed parse(String raw) {
        try {
            String originForm = originForm(raw);
            if (originForm.indexOf('#') >= 0) {
                throw new AmbiguousTarget("The request target contains a fragment.");
            }
            int question = originForm.indexOf('?');
            int end = question < 0 ? originForm.length() : question;
            List<String> segments = segments(originForm, end);
            return new Parsed.Clear(new RequestTarget(segments, originForm.charAt(end - 1) == '/',
                    question < 0 ? List.of() : parameters(originForm, question + 1), path(originForm, end, segments)));
        } catch (AmbiguousTarget ambiguous) {
            return new Parsed.Ambiguous(ambiguous.detail());
        }
    }

    /**
     * Decodes percent-escapes; {@code +} stays as it is.
     *
     * @throws IllegalArgumentException if an escape is malformed, or the value contains control or non-ASCII characters
     */
    public static String decodeAscii(String encoded) {
        try {
            return Escapes.decode(encoded, "value");
        } catch (AmbiguousTarget ambiguous) {
            throw new IllegalArgumentException(ambiguous.detail());
        }
    }

    private static String originForm(String raw) throws AmbiguousTarget {
        if (raw.startsWith("/")) {
            return raw;
        }
        // RFC 9112 section 3.2.2: a server must accept the absolute form too.
        int scheme = raw.regionMatches(true, 0, "http://", 0, 7)
                ? 7
                : raw.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
        if (scheme < 0) {
            throw new AmbiguousTarget("The request target does not start with a slash.");
        }
        for (int i = scheme; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '/' && i > scheme) {
                return raw.substring(i);
            }
            if (c == '?' || c == '#') {
                return "/" + raw.substring(i);
            }
            if (c == '\\' || c == '@' || c == '/') {
                throw new AmbiguousTarget("The authority of the request target is not a host and port.");
            }
        }
        return "/";
    }

    private static List<String> segments(String target, int end) throws AmbiguousTarget {
        String[] segments = new String[count(target, end)];
        int count = 0;
        int start = 1;
        while (start <= end) {
            int next = target.indexOf('/', start, end);
            if (next < 0) {
                next = end;
            }
            if (next > start) {
                segments[count++] = segment(KnownSegments.substring(target, start, next));
            }
            start = next + 1;
        }
        return List.of(segments);
    }

    private static int count(String target, int end) {
        int count = 0;
        for (int i = 1; i < end; i++) {
            if (target.charAt(i) != '/' && target.charAt(i - 1) == '/') {
                count++;
            }
        }
        return count;
    }

    /** The path that consists of these segments. Usually it is the one that arrived. */
    private static String path(String target, int end, List<String> segments) {
        int length = segments.isEmpty() ? 1 : segments.size();
        for (int i = 0; i < segments.size(); i++) {
            length += segments.get(i).length();
        }
        if (length == end && target.lastIndexOf('%', end - 1) < 0) {
            return end == target.length() ? target : target.substring(0, end);
        }
        return "/" + String.join("/", segments);
    }

    private static String segment(String raw) throws AmbiguousTarget {
        String segment = Escapes.decode(raw, "path");
        for (int i = 0; i < segment.length(); i++) {
            switch (segment.charAt(i)) {
                case '/' -> throw new AmbiguousTarget("The path contains an encoded slash.");
                case '\\' -> throw new AmbiguousTarget("The path contains a backslash.");
                case ';' -> throw new AmbiguousTarget("The path contains a path parameter (;).");
                case '%' -> throw new AmbiguousTarget("The path is percent-encoded twice.");
                case '?', '#' -> throw new AmbiguousTarget("The path contains an encoded delimiter.");
                default -> {
                }
            }
        }
        if (segment.equals(".") || segment.equals("..")) {
            throw new AmbiguousTarget("The path contains a dot segment.");
        }
        return segment;
    }

    private static List<Parameter> parameters(String query, int from) throws AmbiguousTarget {
        List<Parameter> parameters = new ArrayList<>();
        int start = from;
        while (start <= query.length()) {
            int end = query.indexOf('&', start);
            if (end < 0) {
                end = query.length();
            }
            if (end > start) {
                if (parameters.size() == MAX_PARAMETERS) {
                    throw new AmbiguousTarget("The query contains more than " + MAX_PARAMETERS + " parameters.");
                }
                parameters.add(parameter(query.substring(start, end)));
            }
            start = end + 1;
        }
        return parameters;
    }

    private static Parameter parameter(String raw) throws AmbiguousTarget {
        int equals = raw.indexOf('=');
        String name = Escapes.decode(equals < 0 ? raw : raw.substring(0, equals), "query");
        if (name.isBlank()) {
            // Some parsers skip the equals sign and treat the value as a name.
            throw new AmbiguousTarget("The query contains a parameter without a name.");
        }
        if (name.indexOf('%') >= 0) {
            throw new AmbiguousTarget("A parameter name is percent-encoded twice.");
        }
        if (equals < 0) {
            return new Parameter(name, "", Escapes.safeValue(raw));
        }
        String rawName = raw.substring(0, equals);
        String rawValue = raw.substring(equals + 1);
        String safeName = Escapes.safeValue(rawName);
        String value = Escapes.safeValue(rawValue);
        boolean same = safeName.equals(rawName) && value.equals(rawValue);
        return new Parameter(name, value, same ? raw : safeName + "=" + value);
    }
}
