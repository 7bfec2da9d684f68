package dev.postern.access;

import java.util.List;

/**
 * A request target, taken apart once. What two readers could take for two different things does not become one of these:
 * {@link TargetParser} refuses it.
 *
 * @param segments      the path, percent-decoded, without empty segments
 * @param trailingSlash whether a slash follows the last segment
 * @param parameters    the query, in its order, repeats included
 */
public record RequestTarget(List<String> segments, boolean trailingSlash, List<Parameter> parameters) {
    public RequestTarget {
        segments = List.copyOf(segments);
        parameters = List.copyOf(parameters);
    }

    /**
     * One query parameter.
     *
     * @param name     the name, percent-decoded
     * @param rawValue the value as it arrived, percent-encoded, empty when there is no {@code =}; safe to be sent on
     * @param raw      the whole parameter as it arrived, percent-encoded; safe to be sent on
     */
    public record Parameter(String name, String rawValue, String raw) {}

    /** What parsing yields. */
    public sealed interface Parsed {
        record Clear(RequestTarget target) implements Parsed {}

        /** @param detail what is wrong, without repeating the target */
        record Ambiguous(String detail) implements Parsed {}
    }
}
