package dev.postern.management;

import java.net.URI;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The replies of the management API. Many hold secrets, so that nobody is to keep any. */
final class Replies {
    private static final JsonMapper JSON = JsonMapper.shared();

    private Replies() {}

    static Mono<ServerResponse> ok(ObjectNode json) {
        return write(ServerResponse.ok(), json, Receipts.wanted());
    }

    /** With a secret that is shown this once. */
    static Mono<ServerResponse> okWithSecret(ObjectNode json) {
        return write(ServerResponse.ok(), json, Receipts.wantedWithSecret());
    }

    /**
     * Perhaps with a secret that is shown this once.
     *
     * @param location path of what was made
     */
    static Mono<ServerResponse> created(String location, ObjectNode json) {
        return write(ServerResponse.status(HttpStatus.CREATED).location(URI.create(location)), json,
                Receipts.wantedWithSecret());
    }

    /** @param fileName of ASCII letters, digits, dots, hyphens and underscores */
    static Mono<ServerResponse> file(String fileName, ObjectNode json) {
        return write(ServerResponse.ok()
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + fileName + "\""), json,
                Receipts.wanted());
    }

    /** Without a body, unless a receipt is asked for. */
    static Mono<ServerResponse> deleted() {
        return Receipts.wanted().flatMap(receipt -> write(ServerResponse.ok(), receipt, Mono.empty()))
                .switchIfEmpty(Mono.defer(() -> ServerResponse.noContent().build()));
    }

    /** With the receipt, where one is asked for. */
    private static Mono<ServerResponse> write(ServerResponse.BodyBuilder reply, ObjectNode json,
            Mono<ObjectNode> receipt) {
        return receipt.map(json::setAll).defaultIfEmpty(json)
                .flatMap(whole -> reply.contentType(MediaType.APPLICATION_JSON).cacheControl(CacheControl.noStore())
                        .bodyValue(JSON.writeValueAsString(whole)));
    }
}
