package dev.postern.proxy;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.server.ServerWebExchange;

/**
 * The response of a backend, before any filter has changed it.
 *
 * @param status  200 to 599
 * @param headers as the backend sent them
 * @param body    not yet received; must be read or cancelled, because it occupies a connection
 */
record BackendResponse(int status, HttpHeaders headers, ResponseBody body) {
    private static final String ATTRIBUTE = BackendResponse.class.getName();

    boolean isEventStream() {
        String type = headers.getFirst(HttpHeaders.CONTENT_TYPE);
        return type != null && type.regionMatches(true, 0, MediaType.TEXT_EVENT_STREAM_VALUE, 0,
                MediaType.TEXT_EVENT_STREAM_VALUE.length());
    }

    void storeIn(ServerWebExchange exchange) {
        exchange.getAttributes().put(ATTRIBUTE, this);
    }

    /** Gives up the response to an earlier attempt, if there is one. */
    static void discard(ServerWebExchange exchange) {
        if (exchange.getAttributes().remove(ATTRIBUTE) instanceof BackendResponse before) {
            before.body().cancel();
        }
    }

    /** The response to this call; null as long as no backend has answered it. */
    static @Nullable BackendResponse of(ServerWebExchange exchange) {
        return exchange.getAttribute(ATTRIBUTE);
    }
}
