package dev.postern.call;

import dev.postern.authentication.CredentialHeader;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Decides which headers of a client reach the backend. */
public final class ClientHeaders {
    /** All names with this prefix are reserved for the gate, whether it uses them or not. */
    private static final String OURS = "x-postern-";

    private static final Set<String> CREDENTIALS = Arrays.stream(CredentialHeader.values())
            .map(header -> HeaderNames.folded(header.headerName())).collect(Collectors.toUnmodifiableSet());
    private static final Set<String> NOT_THE_CLIENTS = Set.of("proxy-authorization",
            // Handled by the gate, or announcing something that it does not forward.
            "expect", "trailer",
            // Some frameworks override the method or the path with these.
            "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url",
            // The gate itself tells the backend who the client is.
            "forwarded", "x-real-ip",
            // CGI-like servers interpret these as their own settings.
            "script-name", "path-info", "proxy");
    private static final List<String> NOT_THE_CLIENTS_PREFIXES = List.of(OURS, "x-forwarded-", "x-http2-");
    /** Other headers that only the gate sets, in any spelling that folds to these names. */
    private static final Set<String> ALSO_OURS = Set.of("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
            "x-forwarded-port", "x-forwarded-prefix", "forwarded");
    /** The names of all cookies of the gate begin with this. */
    private static final String OUR_COOKIES = "postern-";
    private static final Pattern SEMICOLON = Pattern.compile(";");

    private ClientHeaders() {}

    /** How a header is treated, by its name. */
    public enum Treatment {
        /** It reaches the backend as it is. */
        KEPT,
        /** It reaches the backend without the cookies of the gate. */
        COOKIES,
        /** It does not reach the backend. */
        DROPPED
    }

    /**
     * How a header is treated, unless {@link #nominatedBy} contains its name, or the gate sets it itself. A header
     * whose name a server could mistake for that of another is dropped.
     */
    public static Treatment of(String name) {
        if (!HeaderNames.isPlain(name)) {
            return Treatment.DROPPED;
        }
        String folded = HeaderNames.folded(name);
        if (CREDENTIALS.contains(folded) || NOT_THE_CLIENTS.contains(folded) || hasReservedPrefix(folded)) {
            return Treatment.DROPPED;
        }
        return folded.equals("cookie") ? Treatment.COOKIES : Treatment.KEPT;
    }

    private static boolean hasReservedPrefix(String folded) {
        for (String prefix : NOT_THE_CLIENTS_PREFIXES) {
            if (folded.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    /** Whether only the gate sets this header. A filter of an API cannot set it. */
    public static boolean isOurs(String name) {
        String folded = HeaderNames.folded(name);
        return folded.startsWith(OURS) || ALSO_OURS.contains(folded);
    }

    /**
     * The headers that {@code Connection} names, which are for the next hop only (RFC 9110, section 7.6.1).
     *
     * @param options the options of {@code Connection}
     * @return their names, in lower case
     */
    public static Set<String> nominatedBy(List<String> options) {
        Set<String> nominated = new HashSet<>();
        for (String option : options) {
            nominated.add(HeaderNames.folded(option.strip()));
        }
        nominated.remove("upgrade");
        // The backend must read the body as the gate has read it: with the same framing, type and encoding.
        nominated.remove("content-length");
        nominated.remove("transfer-encoding");
        nominated.remove("content-type");
        nominated.remove("content-encoding");
        nominated.remove("host");
        return nominated;
    }

    /**
     * The lines of {@code Cookie} without the gate's cookies. Cookies are not bound to a port: if the console has the
     * same host name as the public port, a browser sends the session cookie of the console here, too.
     */
    public static List<String> withoutOurCookies(List<String> lines) {
        if (lines.stream().noneMatch(line -> line.contains(OUR_COOKIES))) {
            return lines;
        }
        return lines.stream().map(line -> SEMICOLON.splitAsStream(line).map(String::strip)
                .filter(cookie -> !cookie.startsWith(OUR_COOKIES)).collect(Collectors.joining("; ")))
                .filter(line -> !line.isEmpty()).toList();
    }
}
