package dev.postern.proxy;

import dev.postern.call.Call;
import dev.postern.call.ClientHeaders;
import dev.postern.call.ContentLength;
import dev.postern.call.GateHeaders;
import dev.postern.call.HeaderNames;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * Applies the rules for headers to the calls on the chain. {@link #ofClient} removes headers that clients must
 * not set, before the filters of an API run. {@link #filter} sets the gate's own headers after all filters, so that
 * neither a filter nor a {@code Connection} header can remove them.
 */
final class BackendHeaders implements HttpHeadersFilter, Ordered {
    private final GateHeaders ours;

    BackendHeaders(GateHeaders ours) {
        this.ours = ours;
    }

    /** The client's headers without those it must not set, and with the IDs as the gate has read them. */
    static HttpHeaders ofClient(HttpHeaders client, Map<String, String> idHeaders) {
        Set<String> nominated = ClientHeaders.nominatedBy(client.getConnection());
        HttpHeaders headers = new HttpHeaders();
        client.forEach((name, values) -> {
            ClientHeaders.Treatment treatment = ClientHeaders.of(name);
            // A name in both upper and lower case comes here twice, each time with all the values of both.
            boolean kept = treatment != ClientHeaders.Treatment.DROPPED && !headers.containsHeader(name)
                    && !nominated.contains(HeaderNames.folded(name));
            if (kept) {
                List<String> forwarded = treatment == ClientHeaders.Treatment.COOKIES
                        ? ClientHeaders.withoutOurCookies(values)
                        : values;
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

    @Override
    public HttpHeaders filter(HttpHeaders input, ServerWebExchange exchange) {
        Call call = ExchangeCalls.find(exchange);
        HttpHeaders headers = new HttpHeaders();
        input.forEach((name, values) -> {
            if (call == null || !ClientHeaders.isOurs(name)) {
                headers.addAll(name, values);
            }
        });
        if (call != null) {
            String scheme = exchange.getRequest().getURI().getScheme();
            GateHeaders.replaced(call).forEach(headers::remove);
            ours.write(call, scheme == null ? "http" : scheme, headers::set);
        }
        return headers;
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
