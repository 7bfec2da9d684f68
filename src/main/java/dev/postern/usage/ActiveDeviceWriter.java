package dev.postern.usage;

import dev.postern.access.AccountId;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.UnreadableRecordException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Writes pending sightings to Redis in batches, one HyperLogLog a day and one a month. A sighting stays pending until
 * Redis has confirmed it; writing it again is harmless, since a HyperLogLog counts a device once. Must run on the
 * worker: it visits every pending sighting.
 */
final class ActiveDeviceWriter {
    private static final Logger LOG = LoggerFactory.getLogger(ActiveDeviceWriter.class);
    /** Devices in one command: more would block the one connection to Redis, and Redis itself. */
    private static final int BATCH = 500;
    private static final int WRITES_IN_FLIGHT = 8;

    private final RedisStore redis;
    private final Clock clock;
    private final PendingSightings pending;
    private final WrittenSightings written;
    private final Scheduler worker;
    /** An instance field: the class may first be used on an event loop, where no file may be read. */
    private final String countScript = Scripts.read("/dev/postern/usage/count-active.lua");

    ActiveDeviceWriter(RedisStore redis, Clock clock, PendingSightings pending, WrittenSightings written,
            Scheduler worker) {
        this.redis = redis;
        this.clock = clock;
        this.pending = pending;
        this.written = written;
        this.worker = worker;
    }

    /** Writes the pending sightings. Those that Redis does not accept stay pending. */
    Mono<Void> flush() {
        return Flux.defer(() -> Flux.fromIterable(batches())).flatMap(this::write, WRITES_IN_FLIGHT).then()
                // The first failure ends the pass: while Redis is unreachable, one try a second is enough.
                .onErrorComplete(StoreUnavailableException.class)
                .subscribeOn(worker);
    }

    private List<List<Sighting>> batches() {
        if (!redis.isConnected()) {
            return List.of();
        }
        record AccountDay(AccountId account, long day) {}
        Map<AccountDay, List<Sighting>> together = new HashMap<>();
        for (Sighting sighting : pending.all()) {
            together.computeIfAbsent(new AccountDay(sighting.account(), sighting.day()), _ -> new ArrayList<>())
                    .add(sighting);
        }
        List<List<Sighting>> batches = new ArrayList<>();
        for (List<Sighting> all : together.values()) {
            for (int from = 0; from < all.size(); from += BATCH) {
                batches.add(all.subList(from, Math.min(from + BATCH, all.size())));
            }
        }
        // A batch that Redis keeps refusing must not always come first: it would hold back the others.
        Collections.shuffle(batches);
        return batches;
    }

    private Mono<Void> write(List<Sighting> batch) {
        // Skip those that were forgotten since the batch was built.
        List<Sighting> sightings = batch.stream().filter(pending::contains).toList();
        if (sightings.isEmpty()) {
            return Mono.empty();
        }
        // Read the era before the command: sightings forgotten before its reply must not be marked as written.
        long era = written.era(clock.millis());
        AccountId account = sightings.getFirst().account();
        LocalDate day = LocalDate.ofEpochDay(sightings.getFirst().day());
        String[] keys = {ActiveDeviceKeys.ofDay(account, day), ActiveDeviceKeys.ofMonth(account, YearMonth.from(day))};
        String[] arguments = Stream.concat(
                Stream.of(Long.toString(ActiveDeviceKeys.KEEP_DAY.toSeconds()),
                        Long.toString(ActiveDeviceKeys.KEEP_MONTH.toSeconds())),
                sightings.stream().map(sighting -> sighting.device().value())).toArray(String[]::new);
        return Scripts.run(redis, countScript, keys, arguments)
                // Off the connection's single thread, which serves other callers too.
                .publishOn(worker)
                .doOnNext(_ -> markWritten(sightings, era))
                .onErrorResume(UnreadableRecordException.class, corrupt -> {
                    LOG.error("Cannot add active devices to {} or {}: {}", keys[0], keys[1], corrupt.getMessage());
                    return Mono.fromRunnable(() -> pending.drop(sightings));
                })
                .then();
    }

    private void markWritten(List<Sighting> sightings, long era) {
        for (Sighting sighting : sightings) {
            // In this order: a call that notes it in between finds it in one place or the other.
            written.add(sighting.hash(), era);
            pending.remove(sighting);
        }
    }
}
