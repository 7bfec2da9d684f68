package dev.postern.usage;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.access.Principal;
import dev.postern.account.AccountPart;
import dev.postern.account.AccountRecord;
import dev.postern.credential.CredentialUse;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.UnreadableRecordException;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Counts the calls with each credential by day, in UTC, and when each was last used. Calls add to counters in memory,
 * and every two seconds a worker adds these to the counts in Redis. An outage only delays the counts, unless the memory
 * limit is reached. {@link #note} runs on event loops and must stay cheap.
 */
public final class CredentialCalls implements AccountPart, SmartLifecycle, AutoCloseable {
    /** How many days the calls are kept. */
    public static final int KEEP_DAYS = 400;

    private static final Logger LOG = LoggerFactory.getLogger(CredentialCalls.class);
    private static final Duration FLUSH_EVERY = Duration.ofSeconds(2);
    /**
     * How long Redis remembers the number of the last batch. A batch is repeated for less time than this, unless an
     * outage of Redis lasts longer.
     */
    private static final Duration KEEP_NUMBER = Duration.ofHours(1);
    private static final int WRITES_IN_FLIGHT = 8;

    private final RedisStore redis;
    private final Clock clock;
    private final String gate;
    private final CallCounters counters;
    private final CallBatches batches;
    private final OldSecretDevices oldSecrets;
    private final Scheduler worker = Schedulers.newSingle("postern-credential-calls", true);
    private final RegularFlush regularly = new RegularFlush(worker, FLUSH_EVERY, "The calls with credentials",
            this::flush);
    private final Script count = Script.read("/dev/postern/usage/count-calls.lua");
    private volatile int pending;

    /**
     * @param gate the ID of this gate
     * @param max  how many credentials may be in use at a time, and how many may wait to be written; calls with others
     *             are not counted
     */
    public CredentialCalls(RedisStore redis, Clock clock, String gate, int max) {
        this.redis = redis;
        this.clock = clock;
        this.gate = gate;
        this.counters = new CallCounters(max);
        this.batches = new CallBatches(max);
        this.oldSecrets = new OldSecretDevices(redis, clock, max);
    }

    /**
     * Notes an allowed call to these devices. Safe on event loops: it never blocks, and creates objects only for the
     * first call, and for calls with an old secret.
     */
    public void note(Principal principal, List<DeviceId> devices) {
        oldSecrets.note(principal, devices);
        if (principal.listed().isPresent()) {
            counters.add(principal.account(), principal.listed().get(), clock.millis());
        }
    }

    /** Credentials whose calls are waiting to be written, and devices called with old secrets. */
    public int pending() {
        return pending + oldSecrets.pending();
    }

    /** Calls that were not counted, because the memory limit was reached or Redis cannot take them. */
    public long dropped() {
        return counters.dropped() + oldSecrets.dropped();
    }

    /** Writes the calls so far. Those that Redis does not accept are written later. */
    Mono<Void> flush() {
        return Mono.defer(() -> {
            collect();
            return redis.isConnected() ? send().then(sendOldSecrets()) : Mono.<Void>empty();
        }).doOnTerminate(() -> pending = batches.size()).subscribeOn(worker);
    }

    private void collect() {
        counters.take(clock.millis(), (account, credential, day, calls, last) -> {
            if (!batches.add(account, new CallBatches.Use(credential.value(), day),
                    new CallBatches.Count(calls, last))) {
                counters.drop(calls);
            }
        });
        pending = batches.size();
    }

    private Mono<Void> send() {
        return Flux.defer(() -> Flux.fromIterable(batches.toSend())).flatMap(this::write, WRITES_IN_FLIGHT).then()
                .then(Mono.defer(() -> batches.hasMore() ? send() : Mono.<Void>empty()))
                // The first failure ends the pass: while Redis is unreachable, one try is enough.
                .onErrorComplete(StoreUnavailableException.class);
    }

    private Mono<Void> sendOldSecrets() {
        return oldSecrets.flush(worker).onErrorComplete(StoreUnavailableException.class);
    }

    private Mono<Void> write(CallBatches.Batch batch) {
        AccountId account = batch.account();
        List<String> keys = new ArrayList<>(List.of(AccountRecord.key(account), CredentialUse.lastUsed(account),
                CredentialUse.gone(account), numberKey(account)));
        List<String> arguments = new ArrayList<>(List.of(Long.toString(batch.number()),
                Long.toString(KEEP_NUMBER.toSeconds()), Long.toString(Duration.ofDays(KEEP_DAYS).toSeconds()),
                today().minusDays(KEEP_DAYS).toString()));
        batch.counts().forEach((use, calls) -> {
            keys.add(CredentialUse.calls(account, use.credential()));
            arguments.addAll(List.of(use.credential(), LocalDate.ofEpochDay(use.day()).toString(),
                    Long.toString(calls.calls()), Long.toString(calls.last())));
        });
        return count.number(redis, keys.toArray(String[]::new), arguments.toArray(String[]::new))
                // Off the connection's single thread, which serves other callers too.
                .publishOn(worker)
                .doOnNext(_ -> batches.done(batch))
                .onErrorResume(UnreadableRecordException.class, corrupt -> Mono.fromRunnable(() -> {
                    LOG.error("Cannot count calls in account {}: {}", account, corrupt.getMessage());
                    batches.done(batch);
                    counters.drop(batch.counts().values().stream().mapToLong(CallBatches.Count::calls).sum());
                }).subscribeOn(worker).then(Mono.empty()))
                .then();
    }

    private String numberKey(AccountId account) {
        return "postern:{" + account + "}:credential-calls-by:" + gate;
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    @Override
    public List<String> keys(AccountId account) {
        return List.of(numberKey(account));
    }

    @Override
    public Mono<Void> delete(AccountId account) {
        return Mono.fromRunnable(() -> batches.forget(account)).subscribeOn(worker).then();
    }

    @Override
    public void start() {
        regularly.start();
    }

    @Override
    public boolean isRunning() {
        return regularly.isRunning();
    }

    /** Writes the remaining calls, when no more come. */
    @Override
    public void stop() {
        if (!regularly.stop()) {
            return;
        }
        if (pending > 0) {
            LOG.warn("The calls with {} credentials are not counted: they could not be written to Redis before the"
                    + " gate stopped", pending);
        }
    }

    /** Stops after the last call is answered, and before the store does. */
    @Override
    public int getPhase() {
        return 2;
    }

    @Override
    public void close() {
        stop();
        worker.dispose();
    }
}
