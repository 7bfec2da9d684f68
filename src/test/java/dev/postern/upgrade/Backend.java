package dev.postern.upgrade;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** A device API that answers every call, and gives a new device the ID that the body of the call asks for. */
final class Backend implements AutoCloseable {
    private final LongAdder calls = new LongAdder();
    private final DisposableServer server = HttpServer.create().host("127.0.0.1").port(0)
            .handle((request, response) -> request.receive().aggregate().asString(StandardCharsets.UTF_8)
                    .defaultIfEmpty("").flatMap(body -> {
                        calls.increment();
                        return response.header("Content-Type", "application/json")
                                .sendString(Mono.just("{\"errno\":0,\"data\":" + (body.isEmpty() ? "{}" : body) + "}"))
                                .then();
                    }))
            .bindNow();

    String address() {
        return "http://127.0.0.1:" + server.port();
    }

    long calls() {
        return calls.sum();
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
