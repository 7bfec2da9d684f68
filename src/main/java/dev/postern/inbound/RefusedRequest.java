package dev.postern.inbound;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;

/**
 * Replaces a request that is refused. The server treats it like any other request, so that it is answered in its turn,
 * after earlier requests on the connection; only the first route looks for the {@link Refusal} in its headers.
 */
final class RefusedRequest extends DefaultHttpRequest {
    /** The headers that the server needs to skip the body and to respond. */
    private static final List<CharSequence> KEPT = List.of(HttpHeaderNames.CONNECTION, HttpHeaderNames.CONTENT_LENGTH,
            HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderNames.EXPECT, HttpHeaderNames.ORIGIN);

    private RefusedRequest(HttpVersion version, HttpMethod method, HttpHeaders headers) {
        super(version, method, "/", headers);
    }

    /** For a request whose end is known: the connection remains usable. */
    static RefusedRequest of(HttpRequest refused, Refusal refusal) {
        Headers headers = new Headers(refusal);
        for (CharSequence name : KEPT) {
            for (String value : refused.headers().getAll(name)) {
                headers.add(name, value);
            }
        }
        // The server would answer other versions itself.
        return new RefusedRequest(refused.protocolVersion().equals(HttpVersion.HTTP_1_0)
                ? HttpVersion.HTTP_1_0
                : HttpVersion.HTTP_1_1, refused.method(), headers);
    }

    /** For a request whose end is unknown: the connection must be closed. */
    static RefusedRequest lastOf(HttpRequest refused, Refusal refusal) {
        RefusedRequest request = new RefusedRequest(HttpVersion.HTTP_1_1, refused.method(), new Headers(refusal));
        HttpUtil.setKeepAlive(request, false);
        return request;
    }

    /** Headers that contain only a refusal, and what the server needs. */
    static final class Headers extends DefaultHttpHeaders {
        private final Refusal refusal;

        Headers(Refusal refusal) {
            this.refusal = refusal;
        }

        Refusal refusal() {
            return refusal;
        }
    }
}
