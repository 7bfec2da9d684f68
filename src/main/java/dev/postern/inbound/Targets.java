package dev.postern.inbound;

import dev.postern.access.DenyReason;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads request targets as a connection does, including those of hypothetical calls. */
public final class Targets {
    /** Why a target that is not a URI is refused. */
    public static final String NO_URI = "The request target, or the Host, is not a URI.";

    private static final String HOST = "gate";
    private static final List<RequestRule> RULES = List.of(new HostRule(), new TargetEscaper());

    private Targets() {}

    /** A target as the rules of HTTP leave it, or why they refuse it. */
    public sealed interface Received {
        record Accepted(String target) implements Received {}

        record Refused(Refusal refusal) implements Received {}
    }

    /**
     * What the gate sees of a target that a client sends with HTTP/1.1.
     *
     * @param method  a token
     * @param target  as the client writes it; characters other than ASCII are sent in UTF-8
     * @param maxLine the maximum number of characters of a request line
     */
    public static Received receive(String method, String target, int maxLine) {
        // The HTTP server decodes the request line as one character per byte.
        String sent = new String(target.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        if (method.length() + sent.length() + HttpVersion.HTTP_1_1.text().length() + 2 > maxLine) {
            return new Received.Refused(new Refusal(DenyReason.TARGET_TOO_LONG, DenyReason.TARGET_TOO_LONG.text()));
        }
        if (sent.isEmpty() || sent.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
            return new Received.Refused(Refusal.malformed(DenyReason.REQUEST_MALFORMED.text()));
        }
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), sent);
        request.headers().set(HttpHeaderNames.HOST, HOST);
        for (RequestRule rule : RULES) {
            Refusal refusal = rule.check(request);
            if (refusal != null) {
                return new Received.Refused(refusal);
            }
        }
        return isUri(request.uri(), HOST)
                ? new Received.Accepted(request.uri())
                : new Received.Refused(new Refusal(DenyReason.REQUEST_AMBIGUOUS, NO_URI));
    }

    /** Whether the target is a URI together with the host, so that the web framework can read it. */
    public static boolean isUri(String target, @Nullable String host) {
        if (isPlain(target)
                && (host == null || (isPlain(host) && host.indexOf('/') < 0 && host.indexOf('?') < 0))) {
            return true;
        }
        try {
            URI uri = new URI("http://" + (host == null ? "localhost" : host) + "/");
            // The framework combines the two in the same way.
            return uri.getHost() != null && uri.getRawUserInfo() == null && "/".equals(uri.getRawPath())
                    && uri.getRawQuery() == null && new URI(target).toString() != null;
        } catch (URISyntaxException unparsable) {
            return false;
        }
    }

    /** Whether the text contains only characters that a URI may contain, as in almost every request. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '-' && c <= '9') || c == '_'
                    || c == '~' || c == '?' || c == '&' || c == '=' || c == ',' || c == ':';
            if (!plain) {
                return false;
            }
        }
        return true;
    }
}
