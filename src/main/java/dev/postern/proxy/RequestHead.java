package dev.postern.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;

/**
 * The head of a request for a backend, as bytes. Whatever headers the filters have set, the bytes are exactly one head:
 * no value can begin a second one, and the body has the length that the head says, or is sent in chunks.
 */
final class RequestHead {
    /** The length of a body that is sent in chunks. */
    static final long CHUNKED = -1;
    private static final int FIRST_ROOM = 1024;
    /** Headers that are written with the right value, whatever their present one is. */
    private static final Set<String> REPLACED = replaced();

    private final HttpMethod method;
    private final long length;
    private final boolean takesBody;
    private final byte[] bytes;

    private RequestHead(HttpMethod method, long length, boolean takesBody, byte[] bytes) {
        this.method = method;
        this.length = length;
        this.takesBody = takesBody;
        this.bytes = bytes;
    }

    private static Set<String> replaced() {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        names.addAll(Set.of(HttpHeaders.HOST, HttpHeaders.CONTENT_LENGTH, HttpHeaders.TRANSFER_ENCODING));
        return names;
    }

    /**
     * Writes a head.
     *
     * @param request its headers say how the body is framed
     * @param url     of the backend
     * @param host    the value of {@code Host}
     * @param headers for the backend
     * @throws IllegalArgumentException if a header has an invalid name, or an invalid value; in the second case the
     *     message names the header
     */
    static RequestHead of(ServerHttpRequest request, URI url, String host, HttpHeaders headers) {
        String method = request.getMethod().name();
        long length = lengthOf(request, headers);
        ByteBuf out = Unpooled.buffer(FIRST_ROOM);
        put(out, method);
        out.writeByte(' ');
        put(out, target(url));
        put(out, " HTTP/1.1\r\n");
        header(out, HttpHeaders.HOST, host);
        headers.forEach((name, values) -> {
            if (!REPLACED.contains(name)) {
                values.forEach(value -> header(out, name, value));
            }
        });
        if (length == CHUNKED) {
            header(out, HttpHeaders.TRANSFER_ENCODING, "chunked");
        } else if (length > 0 || mayHaveBody(method) || headers.containsHeader(HttpHeaders.CONTENT_LENGTH)) {
            // RFC 9110, section 8.6: it is sent even if it is 0, for methods that define a meaning for the body.
            header(out, HttpHeaders.CONTENT_LENGTH, Long.toString(length));
        }
        put(out, "\r\n");
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        boolean filtered = !(request instanceof RebuiltRequest);
        return new RequestHead(HttpMethod.valueOf(method), length, length != 0 || filtered, bytes);
    }

    private static long lengthOf(ServerHttpRequest request, HttpHeaders headers) {
        long length = headers.getContentLength();
        if (length >= 0) {
            return length;
        }
        boolean chunked = request.getHeaders().containsHeader(HttpHeaders.TRANSFER_ENCODING)
                // A filter has removed the length of the body that the client sends.
                || RebuiltRequest.forwardsBodyOf(ServerHttpRequestDecorator.getNativeRequest(request));
        return chunked ? CHUNKED : 0;
    }

    private static boolean mayHaveBody(String method) {
        return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
    }

    private static String target(URI url) {
        String path = url.getRawPath();
        String query = url.getRawQuery();
        String target = (path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
        return StandardCharsets.US_ASCII.newEncoder().canEncode(target) ? target : URI.create(target).toASCIIString();
    }

    private static void header(ByteBuf out, String name, String value) {
        if (name.isEmpty() || HttpHeaderValidationUtil.validateToken(name) >= 0) {
            throw new IllegalArgumentException("a filter has set a header with an invalid name");
        }
        String text = value.strip();
        if (HttpHeaderValidationUtil.validateValidHeaderValue(text) >= 0) {
            throw new IllegalArgumentException("a filter has set an invalid value for the header " + name);
        }
        put(out, name);
        put(out, ": ");
        put(out, text);
        put(out, "\r\n");
    }

    /** A character that is not in ISO 8859-1 becomes a question mark. */
    private static void put(ByteBuf out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    HttpMethod method() {
        return method;
    }

    /** The length of the body in bytes, or {@link #CHUNKED}. */
    long length() {
        return length;
    }

    /** Whether there is a body, or a filter may have made one. */
    boolean takesBody() {
        return takesBody;
    }

    ByteBuf bytes(ByteBufAllocator allocator) {
        return allocator.ioBuffer(bytes.length).writeBytes(bytes);
    }
}
