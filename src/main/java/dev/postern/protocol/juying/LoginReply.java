package dev.postern.protocol.juying;

import dev.postern.credential.PresentedCredential;
import dev.postern.protocol.JsonAnswer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes replies in Juying's envelope. Its clients read only the body, so the HTTP status is always 200. */
final class LoginReply {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int SUCCESS = 200;

    private LoginReply() {}

    static Mono<Void> success(ServerHttpResponse response, PresentedCredential token, long millis) {
        ObjectNode reply = envelope(true, SUCCESS, "success");
        // Clients require this member, but no call accepts a refresh token.
        reply.putObject("data").put("accesstoken", token.secret()).put("refreshToken", "").put("timestamp", millis);
        return write(response, reply, millis);
    }

    static Mono<Void> failure(ServerHttpResponse response, LoginException failure, long millis) {
        switch (failure.error()) {
            // The rest of the body is not read, so the connection cannot be reused.
            case BODY_LATE, BODY_TOO_LARGE -> response.getHeaders().set(HttpHeaders.CONNECTION, "close");
            case MALFORMED, WRONG_SECRET, ADDRESS_NOT_PERMITTED, METHOD_UNKNOWN, INTERNAL, STORE_UNAVAILABLE -> {
            }
        }
        return write(response, envelope(false, failure.error().code(), failure.text()).putNull("data"), millis);
    }

    private static ObjectNode envelope(boolean success, int code, String message) {
        return JSON.createObjectNode().put("success", success).put("code", code).put("message", message);
    }

    private static Mono<Void> write(ServerHttpResponse response, ObjectNode reply, long millis) {
        return JsonAnswer.write(response, HttpStatus.OK, MediaType.APPLICATION_JSON, reply.put("timestamp", millis));
    }
}
