package dev.postern.decision;

import dev.postern.authentication.CredentialHeader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A call to explain. It is not made. */
public final class HypotheticalCall implements AccessGate.Caller {
    private final String method;
    private final String target;
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final byte[] body;
    private final Optional<InetAddress> client;

    /**
     * @param method  the HTTP method, a token
     * @param target  path and query, as the client would write them
     * @param headers the values of each header, by names that differ in more than case
     * @param client  the address that the connection would come from; empty for an unknown one
     */
    public HypotheticalCall(String method, String target, Map<String, List<String>> headers, byte[] body,
            Optional<InetAddress> client) {
        this.method = method;
        this.target = target;
        this.headers.putAll(headers);
        this.body = body.clone();
        this.client = client;
    }

    /** The same call with a credential, presented in the header {@code api-key}. */
    public HypotheticalCall with(String credential) {
        Map<String, List<String>> more = new TreeMap<>(headers);
        more.put(CredentialHeader.API_KEY.headerName(), List.of(credential));
        return new HypotheticalCall(method, target, more, body, client);
    }

    /** Whether one of its headers presents a credential. */
    public boolean presentsCredential() {
        return Arrays.stream(CredentialHeader.values()).anyMatch(header -> headers.containsKey(header.headerName()));
    }

    String method() {
        return method;
    }

    String target() {
        return target;
    }

    byte[] body() {
        return body.clone();
    }

    @Override
    public @Nullable InetSocketAddress peer() {
        return client.map(address -> new InetSocketAddress(address, 0)).orElse(null);
    }

    @Override
    public @Nullable List<String> header(String name) {
        return headers.get(name);
    }

    /** The values of a header; none if the call does not have it. */
    List<String> headers(String name) {
        return headers.getOrDefault(name, List.of());
    }
}
