package dev.postern.proxy;

import dev.postern.call.Head;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.server.HttpServerRequest;

/** The head of a request, as the server has parsed it. */
record ServerHead(HttpServerRequest request) implements Head {
    @Override
    public String method() {
        return request.method().name();
    }

    @Override
    public String target() {
        return request.uri();
    }

    @Override
    public List<String> header(String name) {
        return request.requestHeaders().getAll(name);
    }

    @Override
    public @Nullable InetSocketAddress peer() {
        return request.remoteAddress();
    }
}
