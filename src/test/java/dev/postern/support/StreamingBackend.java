package dev.postern.support;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** A backend with long replies: server-sent events, a WebSocket, and a reply that never ends. */
public final class StreamingBackend implements AutoCloseable {
    /** The second event is sent when this is counted down. */
    public final CountDownLatch secondEvent = new CountDownLatch(1);
    /** Counted down when the caller of the endless reply is gone. */
    public final CountDownLatch callerGone = new CountDownLatch(1);
    private final DisposableServer server;

    public StreamingBackend() {
        this.server = HttpServer.create().host("127.0.0.1").port(0).route(routes -> routes
                .get("/events/{device}", this::events)
                .get("/endless/{device}", this::endless)
                .ws("/socket/{device}",
                        (in, out) -> out.sendString(in.receive().asString().map(text -> "echo " + text))))
                .bindNow();
    }

    private Publisher<Void> events(HttpServerRequest request, HttpServerResponse response) {
        Flux<String> second = Mono.fromCallable(() -> {
            secondEvent.await();
            return "data: second\n\n";
        }).subscribeOn(Schedulers.boundedElastic()).flux();
        return response.sse().send(Flux.concat(Flux.just("data: first\n\n"), second).map(StreamingBackend::bytes),
                _ -> true);
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private Publisher<Void> endless(HttpServerRequest request, HttpServerResponse response) {
        response.withConnection(connection -> connection.onDispose(callerGone::countDown));
        return response.send(Flux.interval(Duration.ofMillis(20)).onBackpressureDrop()
                .map(tick -> bytes("tick " + tick + "\n")), _ -> true);
    }

    public String address() {
        return "http://127.0.0.1:" + server.port();
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
