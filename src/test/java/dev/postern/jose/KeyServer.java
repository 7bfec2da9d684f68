package dev.postern.jose;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerResponse;

/** A JWKS address that answers as it is told, and counts how often it is asked. */
final class KeyServer implements AutoCloseable {
    /** Counted down when a caller of an endless answer is gone. */
    final CountDownLatch callerGone = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final DisposableServer server;
    private volatile Answer answer = status(500);
    private volatile Mono<Void> released = Mono.empty();

    /** What the server says. */
    interface Answer {
        Publisher<Void> send(HttpServerResponse response);
    }

    KeyServer() {
        this.server = HttpServer.create().host("127.0.0.1").port(0).handle((_, response) -> {
            asked.incrementAndGet();
            Answer now = answer;
            response.withConnection(connection -> connection.onDispose(callerGone::countDown));
            return released.thenMany(Flux.defer(() -> now.send(response)));
        }).bindNow();
    }

    void answer(Answer next) {
        answer = next;
    }

    /** Answers with these keys, private parts and all. */
    void serve(JWK... keys) {
        answer = text(new JWKSet(List.of(keys)).toString(false));
    }

    /** Answers nothing until the returned sink ends. */
    Sinks.Empty<Void> hold() {
        Sinks.Empty<Void> release = Sinks.empty();
        released = release.asMono();
        return release;
    }

    static Answer text(String json) {
        return response -> response.header("Content-Type", "application/json").sendString(Mono.just(json)).then();
    }

    static Answer status(int status) {
        return response -> response.status(status).send();
    }

    static Answer statusWith(int status, String json) {
        return response -> text(json).send(response.status(status));
    }

    static Answer redirect(URI to) {
        return response -> response.status(302).header("Location", to.toString()).send();
    }

    /** Sends the text, and then blanks without an end. */
    static Answer endless(int status, String json) {
        return response -> response.status(status).send(Flux.concat(Mono.just(json),
                Flux.interval(Duration.ofMillis(1)).onBackpressureDrop().map(_ -> " ".repeat(1000)))
                .map(KeyServer::bytes), _ -> true);
    }

    static Answer nothing() {
        return _ -> Mono.never();
    }

    /** Sends the text, and then nothing more, although the answer is not over. */
    static Answer stalling(String json) {
        return response -> response.send(Flux.concat(Mono.just(json), Mono.never()).map(KeyServer::bytes), _ -> true);
    }

    /** Sends less than its {@code Content-Length}, and then hangs up. */
    static Answer broken(String json) {
        return response -> response.header("Content-Length", "" + (json.length() + 1))
                .send(Mono.just(bytes(json)), _ -> true).then()
                .thenMany(Flux.defer(() -> hangUp().send(response)));
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    static Answer hangUp() {
        return response -> {
            response.withConnection(connection -> connection.dispose());
            return Mono.never();
        };
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.port() + "/jwks");
    }

    /** How often it was asked. */
    int asked() {
        return asked.get();
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
