package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.issuance.RestoredAccounts;
import dev.postern.store.StoreUnavailableException;
import dev.postern.transfer.ImportResult.Subject;
import dev.postern.transfer.ImportResult.What;
import dev.postern.transfer.LineBatch.Wanted;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Compares the resources of lines with those of the store, and creates or changes them, or says whether it could. */
final class LineHandling {
    private static final int RETRIES = 10;
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(1);

    private final ImportMode mode;
    private final RestoredAccounts accounts;
    private final Forecast forecast = new Forecast();

    LineHandling(ImportMode mode, RestoredAccounts accounts) {
        this.mode = mode;
        this.accounts = accounts;
    }

    /**
     * Handles a batch, and repeats it after an outage. A line that was applied just before the outage then counts as
     * unchanged.
     *
     * @param batch its lines may still be added until the first result is requested
     */
    <T> Flux<ImportResult> results(LineBatch<T> batch) {
        return Flux.defer(() -> batch.wanted().isEmpty()
                ? Flux.empty()
                : batch.part().find(batch.account(), batch.wanted().stream().map(Wanted::value).toList())
                        .flatMapMany(present -> results(batch, present)))
                .collectList()
                .retryWhen(Retry.backoff(RETRIES, FIRST_RETRY).maxBackoff(LAST_RETRY)
                        .filter(StoreUnavailableException.class::isInstance)
                        .onRetryExhaustedThrow((_, last) -> last.failure()))
                .flatMapIterable(results -> results);
    }

    private <T> Flux<ImportResult> results(LineBatch<T> batch, Map<String, Resource> present) {
        List<Wanted<T>> absent = batch.wanted().stream().filter(one -> !present.containsKey(one.resource().id()))
                .toList();
        return (absent.isEmpty() ? Flux.<ImportResult>empty() : create(batch, absent))
                .concatWith(Flux.fromIterable(batch.wanted()).filter(one -> present.containsKey(one.resource().id()))
                        .concatMap(one -> compare(batch, one, one.resource().differences(
                                present.getOrDefault(one.resource().id(), one.resource())))));
    }

    private <T> Flux<ImportResult> create(LineBatch<T> batch, List<Wanted<T>> absent) {
        Flux<Optional<RuntimeException>> refusals = switch (mode) {
            case DIFF -> Flux.fromIterable(absent).map(_ -> Optional.empty());
            case DRY_RUN -> exists(batch).flatMapMany(exists -> Flux.fromIterable(absent)
                    .concatMap(one -> EachPart.refusal(exists
                            ? batch.part().checkCreation(batch.account(), one.value(), forecast)
                            : Mono.error(ChangeRefusedException.noAccount()))
                            .doOnNext(refusal -> {
                                if (refusal.isEmpty()) {
                                    forecast.created(one.resource());
                                }
                            })));
            case APPLY, SYNC -> batch.part().create(batch.account(), absent.stream().map(Wanted::value).toList());
        };
        return refusals.index().map(refusal -> result(absent.get(refusal.getT1().intValue()), What.CREATED, List.of(),
                refusal.getT2()));
    }

    private Mono<Boolean> exists(LineBatch<?> batch) {
        AccountId account = batch.account();
        return batch.part().kind() == ResourceKind.ACCOUNT
                || forecast.hasCreated(ResourceKind.ACCOUNT, account, "")
                        ? Mono.just(true)
                        : accounts.find(account).filter(record -> !record.deleting()).hasElement();
    }

    private <T> Mono<ImportResult> compare(LineBatch<T> batch, Wanted<T> one, List<String> differences) {
        TransferPart<T> part = batch.part();
        if (differences.isEmpty()) {
            return (mode.writes()
                    ? EachPart.refusal(part.complete(batch.account(), one.value()))
                    : Mono.just(Optional.<RuntimeException>empty()))
                    .map(refusal -> result(one, What.UNCHANGED, List.of(), refusal));
        }
        return (switch (mode) {
            case DIFF -> Mono.just(Optional.<RuntimeException>empty());
            case DRY_RUN -> EachPart
                    .refusal(part.checkChange(batch.account(), one.value(), differences, forecast));
            case APPLY, SYNC -> EachPart.refusal(part.change(batch.account(), one.value(), differences));
        }).map(refusal -> result(one, What.CHANGED, differences, refusal));
    }

    private static ImportResult result(Wanted<?> one, What what, List<String> members,
            Optional<RuntimeException> refusal) {
        Optional<Long> line = Optional.of(one.line());
        Optional<Subject> subject = Optional.of(Subject.of(one.resource()));
        return refusal.map(why -> ImportResult.refused(line, subject, Faults.of(why)))
                .orElseGet(() -> new ImportResult(line, subject, what, members, Optional.empty()));
    }
}
