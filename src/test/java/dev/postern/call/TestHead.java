package dev.postern.call;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** A head that a test writes. */
record TestHead(String method, String target, HttpHeaders headers, InetSocketAddress peer) implements Head {
    @Override
    public @Nullable List<String> header(String name) {
        return headers.get(name);
    }
}
