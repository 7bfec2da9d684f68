package dev.postern.inbound;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One element of {@code Forwarded}, added by one proxy (RFC 7239).
 *
 * @param node  the client that the proxy received the request from, without brackets and port
 * @param proto scheme of the request, if given
 * @param host  host of the request, if given
 */
public record ForwardedElement(@Nullable String node, @Nullable String proto, @Nullable String host) {
    /** All elements; empty if the header cannot be read or does not say who the client is. */
    static Optional<List<ForwardedElement>> parse(String header) {
        List<ForwardedElement> elements = new ArrayList<>();
        for (String element : split(header, ',')) {
            String node = null;
            String proto = null;
            String host = null;
            for (String pair : split(element, ';')) {
                int equals = pair.indexOf('=');
                if (equals < 0) {
                    return Optional.empty();
                }
                String value = unquoted(pair.substring(equals + 1).strip());
                switch (pair.substring(0, equals).strip().toLowerCase(Locale.ROOT)) {
                    case "for" -> node = withoutPort(value);
                    case "proto" -> proto = value;
                    case "host" -> host = value;
                    default -> {
                    }
                }
            }
            elements.add(new ForwardedElement(node, proto, host));
        }
        return elements.stream().anyMatch(element -> element.node() == null)
                ? Optional.empty()
                : Optional.of(elements);
    }

    /** Splits at separators outside quotes. */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && quoted && i + 1 < text.length()) {
                part.append(c).append(text.charAt(++i));
            } else if (c == separator && !quoted) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                quoted ^= c == '"';
                part.append(c);
            }
        }
        parts.add(part.toString());
        return parts;
    }

    private static String unquoted(String value) {
        return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
                ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1")
                : value;
    }

    static String withoutPort(String node) {
        if (node.startsWith("[") && node.indexOf(']') > 0) {
            return node.substring(1, node.indexOf(']'));
        }
        int colon = node.indexOf(':');
        // More than one colon means an IPv6 address without brackets.
        return colon >= 0 && colon == node.lastIndexOf(':') ? node.substring(0, colon) : node;
    }

    /** Formats a node for the header: an IPv6 address is written in brackets and in quotes. */
    public static String written(String node) {
        int colon = node.indexOf(':');
        if (colon < 0) {
            return "for=" + node;
        }
        return colon == node.lastIndexOf(':') ? "for=\"" + node + "\"" : "for=\"[" + node + "]\"";
    }
}
