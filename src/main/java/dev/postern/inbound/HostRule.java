package dev.postern.inbound;

import dev.postern.access.DenyReason;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requires exactly one valid {@code Host} (RFC 9112, section 3.2). If the target is in absolute form, its host replaces
 * the one in the header, and the target is reduced to its path and query, so that every reader sees the same host
 * (section 3.2.2).
 */
final class HostRule implements RequestRule {
    private static final int MAX_PORT_DIGITS = 5;

    @Override
    public @Nullable Refusal check(HttpRequest request) {
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1) {
            return Refusal.malformed("The request has more than one Host.");
        }
        if (hosts.isEmpty() && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            return Refusal.malformed("The request has no Host.");
        }
        String host = hosts.isEmpty() ? null : hosts.getFirst();
        String target = hostOfTarget(request.uri());
        if (target != null) {
            if (!isHost(target)) {
                return new Refusal(DenyReason.REQUEST_AMBIGUOUS,
                        "The authority of the request target is not a host with an optional port.");
            }
            request.setUri(originForm(request.uri()));
            request.headers().set(HttpHeaderNames.HOST, withoutEmptyPort(target));
            return null;
        }
        if (host == null) {
            return null;
        }
        if (host.isEmpty()) {
            return Refusal.malformed("The Host is empty.");
        }
        if (!isHost(host)) {
            return new Refusal(DenyReason.REQUEST_AMBIGUOUS, "The Host is not a host with an optional port.");
        }
        if (host.endsWith(":")) {
            request.headers().set(HttpHeaderNames.HOST, withoutEmptyPort(host));
        }
        return null;
    }

    private static int schemeLength(String target) {
        if (target.startsWith("/")) {
            return -1;
        }
        return target.regionMatches(true, 0, "http://", 0, 7)
                ? 7
                : target.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
    }

    private static @Nullable String hostOfTarget(String target) {
        int start = schemeLength(target);
        return start < 0 ? null : target.substring(start, endOfHost(target, start));
    }

    private static int endOfHost(String target, int start) {
        int end = start;
        while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        return end;
    }

    private static String originForm(String target) {
        String rest = target.substring(endOfHost(target, schemeLength(target)));
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    private static String withoutEmptyPort(String host) {
        return host.endsWith(":") ? host.substring(0, host.length() - 1) : host;
    }

    /**
     * A name or address with an optional port. RFC 3986 also allows escapes and other characters, but no real host has
     * them.
     */
    static boolean isHost(String text) {
        int end;
        if (text.startsWith("[")) {
            end = text.indexOf(']') + 1;
            if (end < 4 || !consistsOf(text, 1, end - 1, HostRule::isOfAddress)) {
                return false;
            }
        } else {
            int colon = text.indexOf(':');
            end = colon < 0 ? text.length() : colon;
            if (end == 0 || !consistsOf(text, 0, end, HostRule::isOfName)) {
                return false;
            }
        }
        return end == text.length() || (text.charAt(end) == ':' && text.length() - end - 1 <= MAX_PORT_DIGITS
                && consistsOf(text, end + 1, text.length(), c -> c >= '0' && c <= '9'));
    }

    private interface Characters {
        boolean include(char c);
    }

    private static boolean consistsOf(String text, int from, int to, Characters allowed) {
        for (int i = from; i < to; i++) {
            if (!allowed.include(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOfName(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.'
                || c == '_' || c == '~';
    }

    private static boolean isOfAddress(char c) {
        return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' || c == '.';
    }
}
