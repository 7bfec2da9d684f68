package dev.postern.call;

import dev.postern.access.IpAddresses;
import dev.postern.inbound.ForwardedChain;
import dev.postern.inbound.ForwardedElement;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * Sets the headers that tell the backend who the client is and which address it called. Values from clients are
 * dropped. Values from a trusted proxy are used: its {@code X-Forwarded-*}, or else its {@code Forwarded}, and the
 * peer's address is appended. If it sends both and they disagree, {@code Forwarded} is rebuilt from the others: many
 * proxies set only {@code X-Forwarded-*} and pass on the {@code Forwarded} of the client.
 */
final class ForwardedHeaders {
    private static final String FORWARDED_PROTO = "X-Forwarded-Proto";
    private static final String FORWARDED_HOST = "X-Forwarded-Host";
    private static final String FORWARDED_PORT = "X-Forwarded-Port";
    private static final String FORWARDED_PREFIX = "X-Forwarded-Prefix";
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
    private static final Pattern PREFIX = Pattern.compile("/[A-Za-z0-9._~/-]*");
    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9._:-]+");

    private ForwardedHeaders() {}

    /**
     * @param head    from the peer
     * @param trusted whether the peer is a trusted proxy
     * @param scheme  scheme of the connection
     * @param sink    takes names and values, each name once
     */
    static void write(Head head, boolean trusted, String scheme, BiConsumer<String, String> sink) {
        String address = address(head.peer());
        String host = first(head, HttpHeaders.HOST);
        if (!trusted) {
            write(address, scheme, host, sink);
            return;
        }
        ForwardedChain chain = ForwardedChain.read(head::header);
        List<String> before = chain.nodes();
        String proto = first(first(head, FORWARDED_PROTO), chain.said().map(all -> all.getFirst().proto()), scheme);
        String saidHost = first(first(head, FORWARDED_HOST), chain.said().map(all -> all.getFirst().host()), host);
        write(before.isEmpty() ? address : String.join(", ", before) + ", " + address,
                proto == null ? scheme : proto, saidHost, sink);
        keep(head, FORWARDED_PORT, PORT, sink);
        keep(head, FORWARDED_PREFIX, PREFIX, sink);
        List<String> forwarded = head.header(ForwardedChain.FORWARDED);
        if (forwarded != null && !forwarded.isEmpty()) {
            String earlier = chain.agrees() ? String.join(", ", forwarded) : written(before, proto, saidHost);
            String here = ForwardedElement.written(address);
            sink.accept(ForwardedChain.FORWARDED, earlier.isEmpty() ? here : earlier + ", " + here);
        }
    }

    private static void write(String nodes, String proto, @Nullable String host, BiConsumer<String, String> sink) {
        sink.accept(ForwardedChain.FORWARDED_FOR, nodes);
        sink.accept(FORWARDED_PROTO, proto);
        if (host != null) {
            sink.accept(FORWARDED_HOST, host);
        }
    }

    private static @Nullable String first(Head head, String name) {
        List<String> values = head.header(name);
        return values == null || values.isEmpty() ? null : values.getFirst();
    }

    /** The peer's address; IPv6 in its short form (RFC 5952). */
    private static String address(@Nullable InetSocketAddress peer) {
        return peer == null || peer.getAddress() == null ? "unknown" : IpAddresses.text(peer.getAddress());
    }

    private static @Nullable String first(@Nullable String header, Optional<String> said, @Nullable String otherwise) {
        return header != null ? header : said.orElse(otherwise);
    }

    private static void keep(Head head, String name, Pattern form, BiConsumer<String, String> sink) {
        String value = first(head, name);
        if (value != null && form.matcher(value).matches()) {
            sink.accept(name, value);
        }
    }

    private static String written(List<String> nodes, @Nullable String proto, @Nullable String host) {
        List<String> elements = new ArrayList<>();
        for (String node : nodes) {
            String element = NODE.matcher(node).matches() ? ForwardedElement.written(node) : "for=unknown";
            elements.add(elements.isEmpty() ? element + rest(proto, host) : element);
        }
        return String.join(", ", elements);
    }

    private static String rest(@Nullable String proto, @Nullable String host) {
        return (proto != null && NODE.matcher(proto).matches() ? ";proto=" + proto : "")
                + (host != null && NODE.matcher(host).matches() ? ";host=\"" + host + "\"" : "");
    }
}
