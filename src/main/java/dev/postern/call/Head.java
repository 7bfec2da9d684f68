package dev.postern.call;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The head of a request, however the connection has read it. */
public interface Head {
    String method();

    /** The request target, as the rules of HTTP leave it. */
    String target();

    /** The values of a header by its case-insensitive name; null or empty if the request does not have it. */
    @Nullable List<String> header(String name);

    /** Who opened the connection. */
    @Nullable InetSocketAddress peer();
}
