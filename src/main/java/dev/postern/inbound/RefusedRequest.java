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
 * Stands in for a request that is refused. The server treats it like any other, so that its answer comes when its turn is,
 * behind those of earlier requests on the connection; only the first route looks for the {@link Refusal} in its headers.
 */
final class RefusedRequest extends DefaultHttpRequest {
    /** What the server needs to know in order to skip the body and to answer. */
    private static final List<CharSequence> KEPT = List.of(HttpHeaderNames.CONNECTION, HttpHeaderNames.CONTENT_LENGTH,
            HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderNames.EXPECT, HttpHeaderNames.ORIGIN);

    private RefusedRequest(HttpVersion version, HttpMethod method, HttpHeaders headers) {
        super(version, method, "/", headers);
    }

    /** The connection goes on after this: where the request ends is known. */
    static RefusedRequest of(HttpRequest refused, Refusal refusal) {
        Headers headers = new Headers(refusal);
        for (CharSequence name : KEPT) {
            for (String value : refused.headers().getAll(name)) {
                headers.add(name, value);
            }
        }
        // The server would answer other versions by itself.
        return new RefusedRequest(refused.protocolVersion().equals(HttpVersion.HTTP_1_0)
                ? HttpVersion.HTTP_1_0
                : HttpVersion.HTTP_1_1, refused.method(), headers);
    }

    /** The connection ends after this. */
    static RefusedRequest lastOf(HttpRequest refused, Refusal refusal) {
        RefusedRequest request = new RefusedRequest(HttpVersion.HTTP_1_1, refused.method(), new Headers(refusal));
        HttpUtil.setKeepAlive(request, false);
        return request;
    }

    /** Headers that hold no more than a refusal, and what the server needs. */
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
