package dev.postern.protocol.lingju;

import dev.postern.issuance.Terminals.Authorization.Authorized;
import dev.postern.protocol.JsonAnswer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes the replies of {@code authorize.do}: always HTTP 200, with the members description, data and status. */
final class AuthorizeReply {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final MediaType TYPE = new MediaType(MediaType.APPLICATION_JSON, StandardCharsets.UTF_8);
    private static final long DAY = Duration.ofDays(1).toMillis();

    private AuthorizeReply() {}

    static Mono<Void> success(ServerHttpResponse response, Authorized authorized, Instant now) {
        long issued = authorized.issued().toEpochMilli();
        ObjectNode data = JSON.createObjectNode().put("accessToken", authorized.token().secret())
                .put("expires", Math.ceilDiv(Duration.between(now, authorized.expires()).toMillis(), DAY))
                // Both are the time at which the token was first issued. Some clients read one member, some the other.
                .put("update", issued).put("updated", issued);
        return write(response, "success", data, 0);
    }

    static Mono<Void> failure(ServerHttpResponse response, AuthorizeException failure) {
        return write(response, failure.description(), JSON.createObjectNode(), failure.error().status());
    }

    private static Mono<Void> write(ServerHttpResponse response, String description, ObjectNode data, int status) {
        ObjectNode reply = JSON.createObjectNode().put("description", description);
        reply.set("data", data);
        return JsonAnswer.write(response, HttpStatus.OK, TYPE, reply.put("status", status));
    }
}
