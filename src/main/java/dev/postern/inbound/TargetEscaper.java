package dev.postern.inbound;

import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * Percent-encodes characters that simple clients leave raw in a query: text in UTF-8, quotes, bars, braces, percent
 * signs. Without this the web framework would refuse the target as an invalid URI. The path is not changed: there such
 * characters are ambiguous.
 */
final class TargetEscaper implements RequestRule {
    private static final String LEFT_RAW = "\"<>^`{|}\\";

    @Override
    public @Nullable Refusal check(HttpRequest request) {
        int query = request.uri().indexOf('?');
        if (query >= 0 && needsEscapes(request.uri(), query)) {
            request.setUri(escaped(request.uri(), query));
        }
        return null;
    }

    private static boolean needsEscapes(String uri, int from) {
        for (int i = from; i < uri.length(); i++) {
            if (isRaw(uri.charAt(i)) || isBrokenEscape(uri, i)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the percent sign is literal, because no valid escape follows. */
    private static boolean isBrokenEscape(String uri, int at) {
        return uri.charAt(at) == '%'
                && !(at + 2 < uri.length() && isHex(uri.charAt(at + 1)) && isHex(uri.charAt(at + 2)));
    }

    private static boolean isHex(char c) {
        return c < 0x80 && Character.digit(c, 16) >= 0;
    }

    private static boolean isRaw(char c) {
        return (c > 0x7f && c <= 0xff) || LEFT_RAW.indexOf(c) >= 0;
    }

    private static String escaped(String uri, int from) {
        StringBuilder escaped = new StringBuilder(uri.substring(0, from));
        for (int i = from; i < uri.length(); i++) {
            char c = uri.charAt(i);
            if (isBrokenEscape(uri, i)) {
                escaped.append("%25");
            } else if (isRaw(c)) {
                // The HTTP server decodes the request line as one character per byte.
                escaped.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 0xf, 16)));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
