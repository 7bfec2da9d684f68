package dev.postern.management;

import dev.postern.audit.Redaction;
import dev.postern.operator.Role;
import java.net.URI;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes the replies of the management API. None may be cached, because many contain secrets. */
final class Replies {
    private static final JsonMapper JSON = JsonMapper.shared();

    private Replies() {}

    static Mono<ServerResponse> ok(ObjectNode json) {
        return write(ServerResponse.ok(), json, ReceiptFilter.wanted());
    }

    /** A reply with a secret that cannot be shown again. */
    static Mono<ServerResponse> okWithSecret(ObjectNode json) {
        return write(ServerResponse.ok(), json, ReceiptFilter.wantedWithSecret());
    }

    /**
     * A reply to a create request, which may contain a secret that cannot be shown again.
     *
     * @param location the path of the new resource
     */
    static Mono<ServerResponse> created(String location, ObjectNode json) {
        return write(ServerResponse.status(HttpStatus.CREATED).location(URI.create(location)), json,
                ReceiptFilter.wantedWithSecret());
    }

    /** @param fileName must consist of ASCII letters, digits, dots, hyphens and underscores */
    static Mono<ServerResponse> file(String fileName, ObjectNode json) {
        return write(ServerResponse.ok()
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + fileName + "\""), json,
                ReceiptFilter.wanted());
    }

    /** A reply without a body, unless a receipt was requested. */
    static Mono<ServerResponse> deleted() {
        return ReceiptFilter.wanted().flatMap(receipt -> write(ServerResponse.ok(), receipt, Mono.empty()))
                .switchIfEmpty(Mono.defer(() -> ServerResponse.noContent().build()));
    }

    /** Adds the receipt if one was requested. */
    private static Mono<ServerResponse> write(ServerResponse.BodyBuilder reply, ObjectNode json,
            Mono<ObjectNode> receipt) {
        return AuditFilter.note(json).then(receipt.map(json::setAll).defaultIfEmpty(json)).flatMap(Replies::readable)
                .flatMap(whole -> reply.contentType(MediaType.APPLICATION_JSON).cacheControl(CacheControl.noStore())
                        .bodyValue(JSON.writeValueAsString(whole) + "\n"));
    }

    /** The part that the caller may read: viewers see no secrets. */
    private static Mono<ObjectNode> readable(ObjectNode json) {
        return Mono.deferContextual(context -> Mono.just(context.<Caller>getOrEmpty(Caller.class)
                .filter(caller -> caller.role() == Role.VIEWER).isPresent()
                        ? Redaction.withoutSecrets(json)
                        : json));
    }
}
