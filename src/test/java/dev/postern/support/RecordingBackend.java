package dev.postern.support;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** A device backend that remembers what it was asked, and says yes to everything. */
public final class RecordingBackend implements AutoCloseable {
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final DisposableServer server;

    /** A request as it arrived. */
    public record Received(String method, String target, List<java.util.Map.Entry<String, String>> headers,
            byte[] body) {
        /** All values of the header, joined; an empty text when there is none. */
        public String header(String name) {
            return String.join(", ", headers.stream().filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(java.util.Map.Entry::getValue).toList());
        }

        public boolean hasHeader(String name) {
            return headers.stream().anyMatch(header -> header.getKey().equalsIgnoreCase(name));
        }
    }

    public RecordingBackend() {
        this.server = HttpServer.create().host("127.0.0.1").port(0)
                .httpRequestDecoder(decoder -> decoder.maxHeaderSize(64 * 1024).maxInitialLineLength(64 * 1024))
                .handle(this::answer).bindNow();
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        return request.receive().aggregate().asByteArray().defaultIfEmpty(new byte[0]).flatMap(body -> {
            received.add(new Received(request.method().name(), request.uri(),
                    List.copyOf(request.requestHeaders().entries()),
                    body));
            return response.header("Content-Type", "application/json")
                    .header("X-Backend", "yes")
                    .header("Connection", "X-Hop")
                    .header("X-Hop", "for the gate only")
                    .sendString(Mono.just("{\"errno\":0,\"error\":\"succ\",\"data\":{}}")).then();
        });
    }

    public String address() {
        return "http://127.0.0.1:" + server.port();
    }

    /** What has arrived since the last {@link #forget()}. */
    public List<Received> received() {
        return List.copyOf(received);
    }

    /** The only request that has arrived. */
    public Received single() {
        if (received.size() != 1) {
            throw new AssertionError("the backend received " + received.size() + " requests: " + received);
        }
        return received.getFirst();
    }

    public void forget() {
        received.clear();
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
