package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.account.AccountRecord;
import dev.postern.inbound.BrokenBodyException;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.store.BulkheadFullException;
import dev.postern.store.Replication;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.UnreadableRecordException;
import dev.postern.transfer.DocumentFault;
import dev.postern.transfer.ImportMode;
import dev.postern.transfer.ImportResult;
import dev.postern.transfer.Importer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code …/import}: compares a document with the store, or applies it, as the lines arrive. A client that accepts
 * {@code application/x-ndjson} receives the changes and the refused lines while the import runs.
 */
final class ImportEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String MODE = "mode";
    private static final int MAX_RUNNING = 1;
    /** Lines that wait for the worker. Each may be large. */
    private static final int PREFETCH = 8;

    private final Importer importer;
    private final Scheduler workers;
    private final Slots slots = new Slots(MAX_RUNNING, "This gate is already importing a document.");

    /** @param workers where lines are parsed */
    ImportEndpoint(Importer importer, Scheduler workers) {
        this.importer = importer;
        this.workers = workers;
    }

    RouterFunction<ServerResponse> routes() {
        return new Routes()
                .on(declare("/api/v1/import", "importDocument", "Compares a document with the store, or applies it."),
                        request -> run(request, Optional.empty()))
                .on(declare(AccountPath.ONE + "/import", "importAccount",
                        "Compares the document of one account with the store, or applies it. The account need not"
                                + " exist."),
                        request -> run(request, Optional.of(AccountPath.read(request))))
                .build();
    }

    private static Operation declare(String path, String id, String summary) {
        return Operation.post(path, id, summary).in("Export and import").accepts(TransferShapes.MODE)
                .takes(TransferShapes.DOCUMENT).returns(TransferShapes.TALLY).with(Trait.BODY_OF_LINES)
                .without(Trait.IDEMPOTENCY_KEY);
    }

    private static Optional<ImportMode> mode(MultiValueMap<String, String> query) {
        List<String> words = query.getOrDefault(MODE, List.of());
        return words.size() == 1
                ? Arrays.stream(ImportMode.values()).filter(mode -> mode.word().equals(words.getFirst())).findFirst()
                : Optional.empty();
    }

    /** Whether a call with this query changes nothing. */
    static boolean isComparison(MultiValueMap<String, String> query) {
        return mode(query).filter(mode -> !mode.writes()).isPresent();
    }

    private Mono<ServerResponse> run(ServerRequest request, Optional<AccountId> account) {
        ImportMode mode = mode(request.queryParams()).orElseThrow(() -> JsonInput.invalid("mode must be one of "
                + String.join(", ", Arrays.stream(ImportMode.values()).map(ImportMode::word).toList())));
        boolean streams = request.headers().accept().stream()
                .anyMatch(type -> type.equalsTypeAndSubtype(MediaType.APPLICATION_NDJSON));
        Importer.Run run = importer.begin(mode, account);
        TransferTally tally = new TransferTally(mode);
        Flux<ImportResult> results = run.results(DocumentLines.of(request).publishOn(workers, PREFETCH)
                .filter(line -> !DocumentLines.isBlank(line)).doOnNext(line -> tally.line(line.number()))
                .map(DocumentLines::read))
                .concatMap(result -> noted(result).thenReturn(result))
                .doOnNext(tally::count).onErrorMap(failure -> brokenOff(failure, tally));
        return streams
                ? stream(results, run, tally)
                : slots.run(results.then(Mono.fromSupplier(() -> tally.result(run)))).flatMap(Replies::ok);
    }

    /** The replicas must have what was changed in the account before the call is answered. */
    private static Mono<Void> noted(ImportResult result) {
        return Mono.justOrEmpty(result.subject())
                .flatMap(subject -> Replication.note(AccountRecord.key(subject.account())));
    }

    /** The error that aborted an import, with how far the import got. */
    private static Throwable brokenOff(Throwable failure, TransferTally tally) {
        return switch (failure) {
            case ProblemException known -> problem(known.problem(), known.detail(), tally);
            case DocumentFault fault -> problem(Problem.REQUEST_MALFORMED, String.valueOf(fault.getMessage()), tally);
            case StoreUnavailableException outage ->
                problem(Problem.STORE_UNAVAILABLE, outage.getMessage() + ".", tally);
            case BulkheadFullException busy -> problem(Problem.BUSY, String.valueOf(busy.getMessage()), tally);
            case UnreadableRecordException corrupt ->
                problem(Problem.RECORD_UNREADABLE, String.valueOf(corrupt.getMessage()), tally);
            case BrokenBodyException _ ->
                problem(Problem.REQUEST_MALFORMED, "The framing of the body is broken.", tally);
            default -> failure;
        };
    }

    private static ProblemException problem(Problem problem, String detail, TransferTally tally) {
        return new ProblemException(problem, detail + " " + tally.text());
    }

    private Mono<ServerResponse> stream(Flux<ImportResult> results, Importer.Run run, TransferTally tally) {
        Flux<ObjectNode> whole = results.filter(result -> result.what() != ImportResult.What.UNCHANGED)
                .map(TransferTally::json)
                .concatWith(Mono.defer(() -> AuditFilter.note(tally.result(run)).then(ReceiptFilter.wanted()
                        .map(receipt -> tally.end(run).setAll(receipt))
                        .switchIfEmpty(Mono.fromSupplier(() -> tally.end(run))))))
                .onErrorResume(failure -> {
                    Problem problem = failure instanceof ProblemException known
                            ? known.problem()
                            : Problem.INTERNAL_ERROR;
                    String detail = failure instanceof ProblemException known
                            ? known.detail()
                            : problem.title() + " " + tally.text();
                    ObjectNode last = tally.progress().put("reason", problem.word()).put("detail", detail);
                    return AuditFilter.note(last).thenReturn(last);
                });
        return ServerResponse.ok().contentType(MediaType.APPLICATION_NDJSON).cacheControl(CacheControl.noStore())
                // If no slot is free, the call is refused before the first byte is sent: after that, a refusal could
                // not have its own status.
                .body((output, _) -> slots.write(whole, parts -> output.writeAndFlushWith(
                        parts.map(part -> Mono.fromSupplier(() -> output.bufferFactory().wrap(
                                (JSON.writeValueAsString(part) + "\n").getBytes(StandardCharsets.UTF_8)))))));
    }
}
