package dev.postern.proxy;

import dev.postern.access.AccessRequest;
import dev.postern.access.DeviceId;
import dev.postern.access.Principal;
import dev.postern.authentication.CredentialHeader;
import dev.postern.inbound.ClientAddresses;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * Decides which headers reach the backend. {@link #ofClient} removes headers that clients must not set, before the
 * filters of an API run. {@link #filter} sets the gate's own headers after all filters, so that neither a filter nor a
 * {@code Connection} header can remove them.
 */
final class BackendHeaders implements HttpHeadersFilter, Ordered {
    static final String ACCOUNT = "X-Postern-Account";
    static final String CREDENTIAL = "X-Postern-Credential";
    static final String DEVICE = "X-Postern-Device";
    static final String REQUEST_ID = "X-Postern-Request-Id";

    /** A longer list of devices is omitted: backends refuse large heads, and the ids are in the request anyway. */
    private static final int MAX_DEVICES_LENGTH = 2048;

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
    /** All names with this prefix are reserved for the gate, whether it uses them or not. */
    private static final String OURS = "x-postern-";
    /** The names of all cookies of the gate begin with this. */
    private static final String OUR_COOKIES = "postern-";
    private static final String COOKIE = "cookie";
    private static final Pattern SEMICOLON = Pattern.compile(";");
    /** Other headers that only the gate sets, in any spelling that folds to these names. */
    private static final Set<String> ALSO_OURS = Set.of("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
            "x-forwarded-port", "x-forwarded-prefix", "forwarded");
    private static final List<String> NOT_THE_CLIENTS_PREFIXES = List.of(OURS, "x-forwarded-", "x-http2-");

    private final ClientAddresses addresses;

    BackendHeaders(ClientAddresses addresses) {
        this.addresses = addresses;
    }

    /** The client's headers without those it must not set, and with the ids as the gate has read them. */
    static HttpHeaders ofClient(HttpHeaders client, Map<String, String> idHeaders) {
        Set<String> nominated = nominatedByConnection(client);
        HttpHeaders headers = new HttpHeaders();
        client.forEach((name, values) -> {
            String lower = HeaderNames.folded(name);
            // A header under a similar name could be mistaken for the real one. A header that is present in two
            // different cases appears here twice, each time with all its values.
            boolean kept = HeaderNames.isPlain(name) && !headers.containsHeader(name)
                    && !CREDENTIALS.contains(lower) && !NOT_THE_CLIENTS.contains(lower)
                    && !nominated.contains(lower)
                    && NOT_THE_CLIENTS_PREFIXES.stream().noneMatch(lower::startsWith);
            if (kept) {
                List<String> forwarded = lower.equals(COOKIE) ? withoutOurs(values) : values;
                if (!forwarded.isEmpty()) {
                    headers.addAll(name, forwarded);
                }
            }
        });
        headers.remove(HttpHeaders.CONNECTION);
        if ("websocket".equalsIgnoreCase(client.getUpgrade())) {
            headers.set(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE);
        } else {
            headers.remove(HttpHeaders.UPGRADE);
        }
        ContentLength.normalize(headers);
        idHeaders.forEach(headers::set);
        return headers;
    }

    /**
     * Cookies are not bound to a port: a browser that knows the console under the host name of the public port sends its
     * session here, too.
     */
    private static List<String> withoutOurs(List<String> cookies) {
        if (cookies.stream().noneMatch(line -> line.contains(OUR_COOKIES))) {
            return cookies;
        }
        return cookies.stream().map(line -> SEMICOLON.splitAsStream(line).map(String::strip)
                .filter(cookie -> !cookie.startsWith(OUR_COOKIES)).collect(Collectors.joining("; ")))
                .filter(line -> !line.isEmpty()).toList();
    }

    /** RFC 9110, section 7.6.1: headers that Connection names are for the next hop only. */
    private static Set<String> nominatedByConnection(HttpHeaders client) {
        Set<String> nominated = new HashSet<>();
        for (String option : client.getConnection()) {
            nominated.add(HeaderNames.folded(option.strip()));
        }
        nominated.remove("upgrade");
        nominated.remove("content-length");
        nominated.remove("content-type");
        nominated.remove("content-encoding");
        nominated.remove("host");
        return nominated;
    }

    @Override
    public HttpHeaders filter(HttpHeaders input, ServerWebExchange exchange) {
        AccessContext context = AccessContext.find(exchange);
        HttpHeaders headers = new HttpHeaders();
        input.forEach((name, values) -> {
            if (context == null || !isOurs(HeaderNames.folded(name))) {
                headers.addAll(name, values);
            }
        });
        if (context == null) {
            return headers;
        }
        Principal principal = context.principal();
        AccessRequest request = context.decided();
        if (principal == null || request == null) {
            throw new IllegalStateException("a call that was not allowed is on its way to a backend");
        }
        headers.set(ACCOUNT, principal.account().value());
        headers.set(CREDENTIAL, principal.credential().value());
        headers.set(REQUEST_ID, context.requestId());
        String devices = request.devices().stream().map(DeviceId::value).distinct().collect(Collectors.joining(","));
        if (!devices.isEmpty() && devices.length() <= MAX_DEVICES_LENGTH) {
            headers.set(DEVICE, devices);
        }
        setForwarded(headers, context, exchange);
        return headers;
    }

    private static boolean isOurs(String folded) {
        return folded.startsWith(OURS) || ALSO_OURS.contains(folded);
    }

    private void setForwarded(HttpHeaders headers, AccessContext context, ServerWebExchange exchange) {
        String scheme = exchange.getRequest().getURI().getScheme();
        ForwardedHeaders.set(headers, context.clientHeaders(), context.peer(), addresses.isTrusted(context.peer()),
                scheme == null ? "http" : scheme);
    }

    @Override
    public boolean supports(Type type) {
        return type == Type.REQUEST;
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
