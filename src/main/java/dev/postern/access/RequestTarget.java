package dev.postern.access;

import java.util.List;

/**
 * A parsed request target. Everything behind the parser works on this, never on the raw target. {@link TargetParser}
 * refuses targets that two servers could read differently.
 *
 * @param segments      the path, percent-decoded, without empty segments
 * @param trailingSlash whether a slash follows the last segment
 * @param parameters    the query parameters in their order, including repeated ones
 * @param path          the path that consists of the segments, decoded and without a trailing slash
 */
public record RequestTarget(List<String> segments, boolean trailingSlash, List<Parameter> parameters, String path) {
    public RequestTarget {
        segments = List.copyOf(segments);
        parameters = List.copyOf(parameters);
    }

    /**
     * One query parameter.
     *
     * @param name     the name, percent-decoded
     * @param rawValue the value, percent-encoded; empty when there is no {@code =}; safe to forward
     * @param raw      the whole parameter, percent-encoded; safe to forward
     */
    public record Parameter(String name, String rawValue, String raw) {}

    /** The result of parsing. */
    public sealed interface Parsed {
        record Clear(RequestTarget target) implements Parsed {}

        /** @param detail what is wrong, without repeating the target */
        record Ambiguous(String detail) implements Parsed {}
    }
}
