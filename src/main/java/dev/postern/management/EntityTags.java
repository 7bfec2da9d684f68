package dev.postern.management;

import dev.postern.account.Revision;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.springframework.http.HttpHeaders;

/** Reads and writes entity tags (RFC 9110, section 8.8.3). Those of the gate are strong and contain a revision. */
final class EntityTags {
    private EntityTags() {}

    static String of(Revision revision) {
        return '"' + revision.text() + '"';
    }

    /** The revisions that {@code If-Match} accepts; empty if the header is missing. A weak tag never matches. */
    static Optional<Predicate<Revision>> ifMatch(HttpHeaders headers) {
        return read(headers, HttpHeaders.IF_MATCH, false);
    }

    /** The revisions that the caller of {@code If-None-Match} already has; empty if the header is missing. */
    static Optional<Predicate<Revision>> ifNoneMatch(HttpHeaders headers) {
        return read(headers, HttpHeaders.IF_NONE_MATCH, true);
    }

    private static Optional<Predicate<Revision>> read(HttpHeaders headers, String name, boolean weak) {
        List<String> lines = headers.getOrDefault(name, List.of());
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        String text = String.join(", ", lines).strip();
        if (text.isEmpty()) {
            throw malformed(name);
        }
        if (text.equals("*")) {
            return Optional.of(_ -> true);
        }
        Set<String> tags = new HashSet<>();
        int at = skip(text, 0, " \t,");
        while (at < text.length()) {
            boolean isWeak = text.startsWith("W/", at);
            int begin = isWeak ? at + 2 : at;
            int end = text.startsWith("\"", begin) ? text.indexOf('"', begin + 1) : -1;
            if (end < 0 || !isTag(text.substring(begin + 1, end))) {
                throw malformed(name);
            }
            if (weak || !isWeak) {
                tags.add(text.substring(begin + 1, end));
            }
            at = skip(text, end + 1, " \t");
            if (at < text.length() && text.charAt(at) != ',') {
                throw malformed(name);
            }
            at = skip(text, at, " \t,");
        }
        return Optional.of(revision -> tags.contains(revision.text()));
    }

    private static int skip(String text, int from, String skipped) {
        int at = from;
        while (at < text.length() && skipped.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at;
    }

    private static boolean isTag(String text) {
        return text.chars().allMatch(c -> c == 0x21 || (c >= 0x23 && c <= 0x7e) || (c >= 0x80 && c <= 0xff));
    }

    private static ProblemException malformed(String name) {
        return new ProblemException(Problem.REQUEST_MALFORMED, name + " is neither * nor a list of entity tags.");
    }
}
