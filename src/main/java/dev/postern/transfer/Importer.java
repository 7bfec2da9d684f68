package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.issuance.RestoredAccounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import reactor.core.publisher.Flux;
import tools.jackson.databind.node.ObjectNode;

/**
 * Compares documents with the store, and applies them. Consecutive lines about the same account and kind form a batch
 * ({@link LineBatch}). Batches are handled in the order of the document; within a batch, new resources come first. A
 * line that is refused does not affect the others. An import can be repeated.
 */
public final class Importer {
    /** The maximum number of lines of a document. It bounds memory use, because the resources that
     * the lines name are remembered. */
    public static final int MAX_LINES = 250_000;
    private static final int WINDOW = 500;
    private static final int WINDOW_BYTES = 2 * 1024 * 1024;

    private final TransferParts parts;
    private final RestoredAccounts accounts;

    Importer(TransferParts parts, RestoredAccounts accounts) {
        this.parts = parts;
        this.accounts = accounts;
    }

    /** An import in progress. */
    public final class Run {
        private final ImportMode mode;
        private final Document document;
        private final LineHandling handling;
        private int windowLines;
        private long windowBytes;

        private Run(ImportMode mode, Optional<AccountId> expected) {
            this.mode = mode;
            this.document = new Document(expected, MAX_LINES);
            this.handling = new LineHandling(mode, accounts);
        }

        /**
         * Handles the lines. A refused line yields a result, not an error. Fails with {@link DocumentFault} if the
         * document as a whole is wrong.
         *
         * @param lines published on threads that may do long computations
         */
        public Flux<ImportResult> results(Flux<DocumentLine> lines) {
            return lines.bufferUntil(this::isFull).concatMapIterable(this::runs, 1).concatMap(run -> run, 1)
                    .concatWith(Flux.defer(() -> {
                        document.requireBegun();
                        if (mode == ImportMode.SYNC && document.isWhole()) {
                            document.requireAccounts();
                        }
                        return mode.isBothWays() && document.isWhole()
                                ? new Surplus(parts, accounts, document, mode.writes()).results()
                                : Flux.empty();
                    }))
                    .doOnNext(result -> {
                        if (result.what() == ImportResult.What.REFUSED) {
                            document.refuse();
                        }
                    });
        }

        /** Whether the last line of the document was read. */
        public boolean isEnded() {
            return document.isEnded();
        }

        /**
         * Whether the end was read and no line was refused. Only then does it mean something that a resource is not in
         * the document.
         */
        public boolean isWhole() {
            return document.isWhole();
        }

        /**
         * Adds a line to those that are handled together, which are limited in number and size; whether that was the
         * last one.
         */
        private boolean isFull(DocumentLine line) {
            windowLines++;
            windowBytes += line.bytes();
            boolean full = windowLines >= WINDOW || windowBytes >= WINDOW_BYTES;
            if (full) {
                windowLines = 0;
                windowBytes = 0;
            }
            return full;
        }

        /** The lines of a window, split where account or kind changes. */
        private List<Flux<ImportResult>> runs(List<DocumentLine> window) {
            List<Flux<ImportResult>> runs = new ArrayList<>();
            LineBatch<?> batch = null;
            for (DocumentLine line : window) {
                Optional<ImportResult.Subject> subject = Optional.empty();
                try {
                    if (!document.accept(line)) {
                        continue;
                    }
                    if (line.fault().isPresent()) {
                        throw line.fault().get();
                    }
                    ObjectNode json = Objects.requireNonNull(line.json());
                    LineBatch<?> own = batch(new Members(json));
                    json.remove(List.of(Resource.KIND, Resource.ACCOUNT));
                    subject = Optional.of(own.subject(json.path("id").asString("")));
                    if (batch == null || !batch.isOf(own)) {
                        batch = own;
                        runs.add(handling.results(batch));
                    }
                    batch.add(line.number(), new Members(json), document);
                } catch (LineFault fault) {
                    document.refuse();
                    batch = null;
                    runs.add(Flux.just(ImportResult.refused(Optional.of(line.number()), subject, fault)));
                }
            }
            return runs;
        }

        /** An empty batch for a line. */
        private LineBatch<?> batch(Members line) {
            String word = line.string(Resource.KIND);
            ResourceKind kind = ResourceKind.named(word)
                    .orElseThrow(() -> LineFault.invalid(Resource.KIND, "is not one of "
                            + String.join(", ", parts.all().stream().map(part -> part.kind().word()).toList())));
            AccountId account = new AccountId(line.id(Resource.ACCOUNT));
            if (document.only().filter(only -> !only.equals(account)).isPresent()) {
                throw LineFault.invalid(Resource.ACCOUNT, "is not the one that the header names");
            }
            return new LineBatch<>(parts.of(kind), account);
        }
    }

    /** @param expected the account that the document must be about; empty for any document */
    public Run begin(ImportMode mode, Optional<AccountId> expected) {
        return new Run(mode, expected);
    }
}
