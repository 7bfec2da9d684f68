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
    /** Characters that a parameter may contain unescaped, besides letters and digits. */
    private static final String SAFE_IN_QUERY = "-._~!$()*+,:@/?";

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
            String path = question < 0 ? originForm : originForm.substring(0, question);
            String query = question < 0 ? "" : originForm.substring(question + 1);
            return new Parsed.Clear(new RequestTarget(segments(path), path.endsWith("/"), parameters(query)));
        } catch (AmbiguousTarget ambiguous) {
            return new Parsed.Ambiguous(ambiguous.detail);
        }
    }

    /**
     * Decodes percent-escapes; {@code +} stays as it is.
     *
     * @throws IllegalArgumentException if an escape is malformed, or the value contains control or non-ASCII characters
     */
    public static String decodeAscii(String encoded) {
        try {
            return decode(encoded, "value");
        } catch (AmbiguousTarget ambiguous) {
            throw new IllegalArgumentException(ambiguous.detail);
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

    private static List<String> segments(String path) throws AmbiguousTarget {
        List<String> segments = new ArrayList<>();
        int start = 1;
        while (start <= path.length()) {
            int end = path.indexOf('/', start);
            if (end < 0) {
                end = path.length();
            }
            if (end > start) {
                segments.add(segment(path.substring(start, end)));
            }
            start = end + 1;
        }
        return segments;
    }

    private static String segment(String raw) throws AmbiguousTarget {
        String segment = decode(raw, "path");
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

    private static List<Parameter> parameters(String query) throws AmbiguousTarget {
        List<Parameter> parameters = new ArrayList<>();
        int start = 0;
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
        String name = decode(equals < 0 ? raw : raw.substring(0, equals), "query");
        if (name.isBlank()) {
            // Some parsers skip the equals sign and treat the value as a name.
            throw new AmbiguousTarget("The query contains a parameter without a name.");
        }
        if (name.indexOf('%') >= 0) {
            throw new AmbiguousTarget("A parameter name is percent-encoded twice.");
        }
        String value = equals < 0 ? "" : safeValue(raw.substring(equals + 1));
        String safeName = safeValue(equals < 0 ? raw : raw.substring(0, equals));
        return new Parameter(name, value, equals < 0 ? safeName : safeName + "=" + value);
    }

    /** Values are not interpreted here, but the backend must split the forwarded query in the same way. */
    private static String safeValue(String raw) throws AmbiguousTarget {
        StringBuilder safe = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                if (hexByte(raw, i) == 0) {
                    throw new AmbiguousTarget("The query contains a NUL.");
                }
                safe.append(c);
            } else if (c < 0x20 || c == 0x7f) {
                throw new AmbiguousTarget("The query contains a control character.");
            } else if (c > 0xff) {
                throw new AmbiguousTarget("The query contains a character that is not allowed in a URL.");
            } else if (isSafeInQuery(c)) {
                safe.append(c);
            } else {
                // The HTTP server decodes the request line as one character per byte.
                safe.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 0xf, 16)));
            }
        }
        return safe.toString();
    }

    private static boolean isSafeInQuery(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                || SAFE_IN_QUERY.indexOf(c) >= 0;
    }

    private static String decode(String raw, String part) throws AmbiguousTarget {
        StringBuilder decoded = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                c = (char) hexByte(raw, i);
                i += 2;
            }
            if (c < 0x20 || c == 0x7f) {
                throw new AmbiguousTarget("The " + part + " contains a control character.");
            }
            if (c > 0x7f) {
                throw new AmbiguousTarget("The " + part + " contains a non-ASCII character.");
            }
            decoded.append(c);
        }
        return decoded.toString();
    }

    private static int hexByte(String raw, int at) throws AmbiguousTarget {
        if (at + 2 >= raw.length()) {
            throw new AmbiguousTarget("The request target ends in the middle of a percent-escape.");
        }
        int high = hexDigit(raw.charAt(at + 1));
        int low = hexDigit(raw.charAt(at + 2));
        if (high < 0 || low < 0) {
            throw new AmbiguousTarget("The request target contains a malformed percent-escape.");
        }
        return high << 4 | low;
    }

    /** Not Character.digit, which accepts digits of every script. */
    private static int hexDigit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        char lower = (char) (c | 0x20);
        return lower >= 'a' && lower <= 'f' && c < 0x80 ? lower - 'a' + 10 : -1;
    }

    /** Control flow within this class only; carries no stack. */
    private static final class AmbiguousTarget extends Exception {
        private static final long serialVersionUID = 1L;

        private final String detail;

        AmbiguousTarget(String detail) {
            super(detail, null, false, false);
            this.detail = detail;
        }
    }
}
