package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.issuance.Accounts;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.transfer.Exporter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** {@code …/export}: writes one account or all as a document, no faster than the client reads it. */
final class ExportEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MAX_RUNNING = 2;
    private static final int CHUNK_BYTES = 32 * 1024;
    /** A client that reads nothing must not occupy one of the export slots. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

    private final Accounts accounts;
    private final Exporter exporter;
    private final Slots slots = new Slots(MAX_RUNNING,
            "This gate is already writing " + MAX_RUNNING + " exports, the maximum.");

    ExportEndpoint(Accounts accounts, Exporter exporter) {
        this.accounts = accounts;
        this.exporter = exporter;
    }

    RouterFunction<ServerResponse> routes() {
        return new Routes()
                .on(declare("/api/v1/export", "exportAll", "Writes all accounts as a document."),
                        _ -> export(Optional.empty(), "postern"))
                .on(declare(AccountPath.ONE + "/export", "exportAccount", "Writes an account as a document."),
                        this::exportAccount)
                .build();
    }

    private static Operation declare(String path, String id, String summary) {
        return Operation.get(path, id, summary).in("Export and import").returns(TransferShapes.DOCUMENT)
                .with(Trait.REPLY_OF_LINES);
    }

    private Mono<ServerResponse> exportAccount(ServerRequest request) {
        AccountId id = AccountPath.read(request);
        return accounts.find(id).switchIfEmpty(AccountPath.notFound(id))
                // Some systems do not allow colons in file names.
                .flatMap(_ -> export(Optional.of(id), id.value().replaceAll("[^A-Za-z0-9._-]", "_")));
    }

    private Mono<ServerResponse> export(Optional<AccountId> account, String name) {
        return ServerResponse.ok().contentType(MediaType.APPLICATION_NDJSON).cacheControl(CacheControl.noStore())
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name + ".ndjson\"")
                // Refused before the first byte is sent: after that, a refusal could not have its own status.
                .body((output, _) -> slots.write(chunks(account), chunks -> output.writeAndFlushWith(
                        chunks.map(chunk -> Mono.fromSupplier(() -> output.bufferFactory().wrap(chunk))))));
    }

    /** Several lines at a time: most are short. */
    private Flux<byte[]> chunks(Optional<AccountId> account) {
        return Flux.defer(() -> {
            int[] size = {0};
            return exporter.export(account)
                    .map(line -> (JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8))
                    .bufferUntil(line -> {
                        size[0] += line.length;
                        boolean full = size[0] >= CHUNK_BYTES;
                        size[0] = full ? 0 : size[0];
                        return full;
                    }).map(lines -> {
                        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
                        lines.forEach(chunk::writeBytes);
                        return chunk.toByteArray();
                    });
        }).timeout(LONGEST_SILENCE);
    }
}
