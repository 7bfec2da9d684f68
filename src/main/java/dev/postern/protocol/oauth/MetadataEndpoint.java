package dev.postern.protocol.oauth;

import dev.postern.access.RequestTarget;
import dev.postern.protocol.DialectMapping;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /.well-known/oauth-authorization-server}, where clients discover the endpoints of {@code /oauth} (RFC 8414).
 * Clients send their secrets to these addresses, so the addresses come from the settings or from the client's own
 * request. Forwarding headers are not trusted: anybody can send them.
 */
final class MetadataEndpoint implements DialectMapping.Endpoint {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> PATH = List.of(".well-known", "oauth-authorization-server");
    private static final List<String> METHODS = List.of("GET", "HEAD");
    private static final List<String> SIGNS_OF_A_PROXY = List.of("Forwarded", "X-Forwarded-Proto", "X-Forwarded-Host",
            "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Prefix");

    private final Optional<URI> issuer;
    /** The path of the metadata if the issuer has a path (RFC 8414, section 3.1). */
    private final List<String> pathOfTheIssuer;

    MetadataEndpoint(OAuthSettings settings) {
        this.issuer = settings.address();
        this.pathOfTheIssuer = new ArrayList<>(PATH);
        issuer.map(URI::getPath).stream().flatMap(path -> Arrays.stream(path.split("/", -1)))
                .filter(segment -> !segment.isEmpty()).forEach(pathOfTheIssuer::add);
    }

    @Override
    public String firstSegment() {
        return PATH.getFirst();
    }

    @Override
    public boolean isAt(List<String> segments) {
        return segments.equals(PATH) || segments.equals(pathOfTheIssuer);
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, RequestTarget target) {
        return Mono.fromSupplier(() -> metadata(exchange.getRequest()))
                .flatMap(json -> OAuthReply.success(exchange.getResponse(), Optional.of(json)))
                .onErrorResume(OAuthException.class,
                        failure -> OAuthReply.failure(exchange.getResponse(), failure, METHODS));
    }

    @Override
    public Mono<Void> refuse(ServerWebExchange exchange, String detail) {
        return OAuthReply.failure(exchange.getResponse(), OAuthException.invalidRequest(detail), METHODS);
    }

    private ObjectNode metadata(ServerHttpRequest request) {
        if (!METHODS.contains(request.getMethod().name())) {
            throw new OAuthException(OAuthError.METHOD_NOT_ALLOWED, "The method is neither GET nor HEAD.");
        }
        String address = issuer.map(URI::toString).orElseGet(() -> asCalled(request));
        ObjectNode json = JSON.createObjectNode().put("issuer", address);
        json.put("token_endpoint", address + "/oauth/token");
        addClientAuthentication(json, "token_endpoint");
        json.putArray("grant_types_supported").add("client_credentials");
        // The member is required, although there is no authorization endpoint.
        json.putArray("response_types_supported");
        json.put("revocation_endpoint", address + "/oauth/revoke");
        addClientAuthentication(json, "revocation_endpoint");
        json.put("introspection_endpoint", address + "/oauth/introspect");
        addClientAuthentication(json, "introspection_endpoint");
        return json;
    }

    private static void addClientAuthentication(ObjectNode json, String endpoint) {
        json.putArray(endpoint + "_auth_methods_supported").add("client_secret_basic").add("client_secret_post");
    }

    /** The address to which the request was sent, if there is no proxy in front of the gate. */
    private static String asCalled(ServerHttpRequest request) {
        HttpHeaders headers = request.getHeaders();
        URI called = request.getURI();
        if (called.getHost() == null || SIGNS_OF_A_PROXY.stream().anyMatch(headers::containsHeader)) {
            throw new OAuthException(OAuthError.ADDRESS_UNKNOWN,
                    "The gate does not know its public address. The operator must set postern.oauth.issuer.");
        }
        return called.getScheme() + "://" + called.getRawAuthority();
    }
}
