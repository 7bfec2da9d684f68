package dev.postern.usage;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.AccountPart;
import dev.postern.store.RedisStore;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Counts the active devices of each account by day and by month, in UTC. Calls note their devices in memory, and once a
 * second {@link ActiveDeviceWriter} writes them to HyperLogLogs in Redis. Nothing is dropped from memory before Redis
 * has it, so an outage only delays the counts, unless the memory limit is reached. {@link #note} runs on event loops
 * and must stay cheap.
 */
public final class ActiveDevices implements AccountPart, SmartLifecycle, AutoCloseable {
    /** The longest range of days for one query. */
    static final int MAX_DAYS = 400;

    private static final Logger LOG = LoggerFactory.getLogger(ActiveDevices.class);
    private static final Duration FLUSH_EVERY = Duration.ofSeconds(1);
    private static final int KEYS_PER_UNLINK = 100;
    private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

    private final RedisStore redis;
    private final Clock clock;
    private final SightingHash hash = new SightingHash();
    private final PendingSightings pending;
    private final WrittenSightings written;
    private final ActiveDeviceWriter writer;
    private final UsageReader reader;
    private final Scheduler worker = Schedulers.newSingle("postern-active-devices", true);
    private final RegularFlush regularly = new RegularFlush(worker, FLUSH_EVERY, "Active devices", this::flush);

    /**
     * The memory limits.
     *
     * @param pending       devices waiting to be written, each once a day; any beyond this are dropped
     * @param writtenLately devices known to be written, of 8 bytes each; others are written again when they are called
     */
    public record Bounds(int pending, int writtenLately) {
        public static final Bounds DEFAULT = new Bounds(100_000, 1 << 20);
    }

    public ActiveDevices(RedisStore redis, Clock clock, Bounds bounds) {
        this.redis = redis;
        this.clock = clock;
        this.pending = new PendingSightings(bounds.pending());
        this.written = new WrittenSightings(bounds.writtenLately());
        this.writer = new ActiveDeviceWriter(redis, clock, pending, written, worker);
        this.reader = new UsageReader(redis);
    }

    /**
     * Notes that a call to these devices was allowed. Safe on event loops: it never blocks, and rarely creates objects.
     */
    public void note(AccountId account, List<DeviceId> devices) {
        long now = clock.millis();
        long day = Math.floorDiv(now, DAY_MILLIS);
        long era = written.era(now);
        for (int i = 0; i < devices.size(); i++) {
            DeviceId device = devices.get(i);
            long hashed = hash.of(account, device, day);
            if (!written.contains(hashed, era)) {
                pending.add(new Sighting(account, device, day, hashed));
            }
        }
    }

    /** Devices waiting to be written, each once a day. */
    public int pending() {
        return pending.size();
    }

    /**
     * Calls to devices that were not counted, because the memory limit was reached or a key in Redis has the wrong
     * type.
     */
    public long dropped() {
        return pending.dropped();
    }

    /** Writes the pending sightings. Those that Redis does not accept stay pending. */
    Mono<Void> flush() {
        return writer.flush();
    }

    /**
     * Counts the devices that were called in a range of days. Calls from the last second may be missing.
     *
     * @throws IllegalArgumentException if the days are in the wrong order, or too many
     */
    public Mono<Usage> usage(AccountId account, LocalDate from, LocalDate to) {
        return reader.read(account, from, to);
    }

    /**
     * Deletes all counts of an account, so that a new account with the same ID starts from zero. Other gates are not
     * notified: they still write their pending sightings, and for the rest of the hour they do not repeat what they
     * wrote before.
     */
    @Override
    public Mono<Void> delete(AccountId account) {
        return Mono.fromRunnable(() -> pending.forget(account)).subscribeOn(worker)
                .thenMany(Flux.defer(() -> Flux.fromStream(everyKey(account))).buffer(KEYS_PER_UNLINK)
                        .concatMap(keys -> redis.run(commands -> commands.unlink(keys.toArray(String[]::new)))))
                .doOnTerminate(written::forgetAll)
                .then();
    }

    private Stream<String> everyKey(AccountId account) {
        return ActiveDeviceKeys.all(account, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
    }

    @Override
    public void start() {
        regularly.start();
    }

    @Override
    public boolean isRunning() {
        return regularly.isRunning();
    }

    /** Writes the remaining sightings, when no more calls come. */
    @Override
    public void stop() {
        if (!regularly.stop()) {
            return;
        }
        if (pending() > 0) {
            LOG.warn("{} active devices are not counted: they could not be written to Redis before the gate stopped",
                    pending());
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
