package dev.postern.management;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Calls the management API from within the gate, through all of its filters, without a connection. Whoever uses it can
 * do nothing that a client of the API cannot.
 */
public final class InternalCalls {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final DefaultDataBufferFactory BUFFERS = DefaultDataBufferFactory.sharedInstance;

    private final ObjectProvider<HttpHandler> api;

    /** @param api the handler of the management port; needed only when the first call is made */
    InternalCalls(ObjectProvider<HttpHandler> api) {
        this.api = api;
    }

    /**
     * Makes a call without a body.
     *
     * @param path an absolute path, encoded, which may have a query
     */
    public Mono<InternalReply> get(Caller caller, String path) {
        return call(caller, HttpMethod.GET, path, new HttpHeaders(), new byte[0]);
    }

    /** Makes a call with a JSON body. */
    public Mono<InternalReply> send(Caller caller, HttpMethod method, String path, HttpHeaders headers,
            ObjectNode body) {
        headers.set(HttpHeaders.CONTENT_TYPE, "application/json");
        return call(caller, method, path, headers, JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8));
    }

    /** Makes a call. */
    public Mono<InternalReply> call(Caller caller, HttpMethod method, String path, HttpHeaders headers, byte[] body) {
        return Mono.defer(() -> {
            headers.setContentLength(body.length);
            return call(caller, method, path, headers,
                    body.length == 0 ? Flux.empty() : Flux.defer(() -> Flux.just(BUFFERS.wrap(body))),
                    new InternalReply.Recorder(BUFFERS));
        });
    }

    /**
     * Makes a {@code POST} call whose body is read as it arrives.
     *
     * @param body not released if the call does not read it
     */
    public Mono<InternalReply> upload(Caller caller, String path, HttpHeaders headers, Flux<DataBuffer> body) {
        return call(caller, HttpMethod.POST, path, headers, body, new InternalReply.Recorder(BUFFERS));
    }

    /**
     * Passes the reply to a call on to a client as it is written, no faster than the client reads it. A refusal is not
     * passed on: it is in the reply, and nothing was written.
     */
    public Mono<InternalReply> download(Caller caller, String path, ServerHttpResponse client) {
        return call(caller, HttpMethod.GET, path, new HttpHeaders(), Flux.empty(),
                new InternalReply.Relay(BUFFERS, client));
    }

    private Mono<InternalReply> call(Caller caller, HttpMethod method, String path, HttpHeaders headers,
            Flux<DataBuffer> body, InternalReply.Recorder reply) {
        return Mono.defer(() -> api.getObject()
                .handle(new InternalRequest(method, URI.create(path), headers, body), reply)
                // Replaces the whole context: nothing of an outer call, such as its receipt, may affect this one.
                .contextWrite(_ -> Context.of(Caller.class, caller))
                .then(Mono.fromSupplier(reply::reply)));
    }
}
