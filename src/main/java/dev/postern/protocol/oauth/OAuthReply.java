package dev.postern.protocol.oauth;

import dev.postern.access.DeviceId;
import dev.postern.credential.AccessToken;
import dev.postern.credential.GrantedScope;
import dev.postern.issuance.AccessTokens;
import dev.postern.protocol.JsonAnswer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes the replies of {@code /oauth}. */
final class OAuthReply {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int RETRY_SECONDS = 1;
    private static final int RETRY_JITTER_SECONDS = 3;

    private OAuthReply() {}

    static ObjectNode token(AccessTokens.Issued issued, GrantedScope granted) {
        ObjectNode json = JSON.createObjectNode().put("access_token", issued.text().secret())
                .put("token_type", "Bearer").put("expires_in", issued.lifetime().toSeconds());
        granted.text().ifPresent(scope -> json.put("scope", scope));
        return json;
    }

    /** @param appKey the key of the requesting application; included if the token belongs to it */
    static ObjectNode active(AccessTokens.Live live, Optional<String> appKey) {
        AccessToken token = live.token();
        ObjectNode json = JSON.createObjectNode().put("active", true);
        appKey.ifPresent(own -> json.put("client_id", own));
        json.put("token_type", "Bearer").put("exp", live.until().getEpochSecond())
                .put("iat", token.issued().getEpochSecond());
        live.granted().text().ifPresent(scope -> json.put("scope", scope));
        token.terminal().map(DeviceId::value).ifPresent(terminal -> json.put("sub", terminal));
        return json;
    }

    /** A token that is about to be revoked, for the audit log. */
    static ObjectNode recorded(AccessTokens.Revocable revocable) {
        AccessToken token = revocable.token();
        ObjectNode json = JSON.createObjectNode().put("id", revocable.id()).put("application", revocable.application())
                .put("issued_at", token.issued().toString()).put("expires_at", token.expires().toString());
        token.scope().ifPresent(scope -> json.put("scope", scope));
        token.terminal().map(DeviceId::value).ifPresent(terminal -> json.put("terminal", terminal));
        return json;
    }

    static ObjectNode inactive() {
        return JSON.createObjectNode().put("active", false);
    }

    /** @param json the body; empty for a reply without one */
    static Mono<Void> success(ServerHttpResponse response, Optional<ObjectNode> json) {
        return json.map(body -> write(response, HttpStatus.OK, body)).orElseGet(() -> {
            response.setStatusCode(HttpStatus.OK);
            response.getHeaders().setContentLength(0);
            response.getHeaders().setCacheControl("no-store");
            return response.setComplete();
        });
    }

    /** @param methods the methods that the call accepts */
    static Mono<Void> failure(ServerHttpResponse response, OAuthException failure, List<String> methods) {
        HttpHeaders headers = response.getHeaders();
        if (failure.hasChallenge()) {
            headers.set(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"postern\"");
        }
        switch (failure.error()) {
            case METHOD_NOT_ALLOWED -> headers.set(HttpHeaders.ALLOW, String.join(", ", methods));
            // The rest of the body is not read, so the connection cannot be reused.
            case BODY_LATE, BODY_TOO_LARGE -> headers.set(HttpHeaders.CONNECTION, "close");
            // Jittered, so that clients refused together do not retry together.
            case TEMPORARILY_UNAVAILABLE -> headers.set(HttpHeaders.RETRY_AFTER, Integer.toString(
                    RETRY_SECONDS + ThreadLocalRandom.current().nextInt(RETRY_JITTER_SECONDS)));
            case INVALID_REQUEST, ADDRESS_UNKNOWN, INVALID_CLIENT, UNAUTHORIZED_CLIENT, UNSUPPORTED_GRANT_TYPE,
                    INVALID_SCOPE, SERVER_ERROR ->
                {
                }
        }
        return write(response, HttpStatusCode.valueOf(failure.error().status()), JSON.createObjectNode()
                .put("error", failure.error().word()).put("error_description", failure.description()));
    }

    private static Mono<Void> write(ServerHttpResponse response, HttpStatusCode status, ObjectNode json) {
        response.getHeaders().setPragma("no-cache");
        return JsonAnswer.write(response, status, MediaType.APPLICATION_JSON, json);
    }
}
