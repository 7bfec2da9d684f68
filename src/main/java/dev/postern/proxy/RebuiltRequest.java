package dev.postern.proxy;

import dev.postern.call.ClientGoneException;
import dev.postern.call.UploadPace;
import dev.postern.catalog.DeviceEffect;
import dev.postern.catalog.Reading;
import java.net.URI;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.RequestPath;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.util.UriComponentsBuilder;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** The client's request with the path, query and headers that the gate has rebuilt. */
final class RebuiltRequest extends ServerHttpRequestDecorator {
    private final ServerHttpResponse response;
    private final URI uri;
    private final HttpHeaders headers;
    private final UploadPace pace;

    RebuiltRequest(ServerWebExchange exchange, Reading.Read read, UploadPace pace) {
        super(exchange.getRequest());
        this.response = exchange.getResponse();
        this.pace = pace;
        URI present = getDelegate().getURI();
        this.uri = URI.create(present.getScheme() + "://" + present.getRawAuthority() + read.path()
                + (read.query().isEmpty() ? "" : "?" + read.query()));
        this.headers = BackendHeaders.ofClient(getDelegate().getHeaders(), read.idHeaders());
        if (read.effect() instanceof DeviceEffect.Change) {
            // The reply must not be compressed, because the gate reads it.
            headers.remove(HttpHeaders.ACCEPT_ENCODING);
        }
        if (isWithoutBody(getMethod())) {
            headers.remove(HttpHeaders.CONTENT_LENGTH);
            headers.remove(HttpHeaders.TRANSFER_ENCODING);
        }
    }

    /** RFC 9110 defines no meaning for the body of a GET, and a backend may take it for the next request. */
    private static boolean isWithoutBody(HttpMethod method) {
        return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    }

    /** Whether the client sends a body that is forwarded. */
    static boolean forwardsBodyOf(HttpServerRequest client) {
        String length = client.requestHeaders().get(HttpHeaders.CONTENT_LENGTH);
        boolean sends = length == null
                ? client.requestHeaders().contains(HttpHeaders.TRANSFER_ENCODING)
                : !length.equals("0");
        return sends && !isWithoutBody(HttpMethod.valueOf(client.method().name()));
    }

    @Override
    public Flux<DataBuffer> getBody() {
        if (isWithoutBody(getMethod())) {
            return Flux.empty();
        }
        return pace.hold(getDelegate().getBody()).concatWith(Mono.defer(this::refuseBrokenEnd));
    }

    /**
     * When the server itself has answered a request with broken framing, the body seems to end normally. The incomplete
     * body must not look complete to the backend.
     */
    private Mono<DataBuffer> refuseBrokenEnd() {
        HttpServerResponse nettyResponse = ServerHttpResponseDecorator.getNativeResponse(response);
        return nettyResponse.hasSentHeaders() && !response.isCommitted()
                ? Mono.error(new ClientGoneException("the framing of the request is broken"))
                : Mono.empty();
    }

    @Override
    public URI getURI() {
        return uri;
    }

    @Override
    public RequestPath getPath() {
        return RequestPath.parse(uri.getRawPath(), null);
    }

    @Override
    public MultiValueMap<String, String> getQueryParams() {
        return UriComponentsBuilder.fromUri(uri).build().getQueryParams();
    }

    @Override
    public HttpHeaders getHeaders() {
        return headers;
    }
}
