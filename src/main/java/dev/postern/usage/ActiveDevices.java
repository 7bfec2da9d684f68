package dev.postern.usage;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.AccountPart;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.UnreadableRecordException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Counts the devices of each account that are called, by the day and by the month, in UTC. Calls leave theirs in memory; once
 * a second they are written to HyperLogLogs in Redis, which take a device as often as it comes and count it once. Nothing
 * leaves the memory before Redis has it, so that an outage delays the counts and loses none that there is room for.
 */
public final class ActiveDevices implements AccountPart, SmartLifecycle, AutoCloseable {
    /** Most days that one question may be about. */
    public static final int MAX_DAYS = 400;

    private static final Logger LOG = LoggerFactory.getLogger(ActiveDevices.class);
    private static final Duration FLUSH_EVERY = Duration.ofSeconds(1);
    private static final Duration LAST_FLUSH_LIMIT = Duration.ofSeconds(3);
    private static final Duration KEEP_DAY = Duration.ofDays(400);
    private static final Duration KEEP_MONTH = Duration.ofDays(5 * 365);
    /** Devices of one command: more would hold up the one connection to Redis, and Redis itself. */
    private static final int BATCH = 500;
    private static final int WRITES_IN_FLIGHT = 8;
    private static final int COUNTS_IN_FLIGHT = 64;
    private static final int KEYS_PER_UNLINK = 100;
    private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
    private static final long HOUR_MILLIS = Duration.ofHours(1).toMillis();

    private final RedisStore redis;
    private final Clock clock;
    private final int maxPending;
    /** Of the object: others use the class first on an event loop, where no file is to be read. */
    private final String countScript = Scripts.read("/dev/postern/usage/count-active.lua");
    /** With hashes that nobody can foresee, no client can choose ids that make the event loop search. */
    private final long hashSecret = new SecureRandom().nextLong();
    private final Set<Sighting> pending = ConcurrentHashMap.newKeySet();
    /** How many are pending; to count them would take a look at each. */
    private final AtomicInteger places = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    private final WrittenLately writtenLately;
    private final AtomicLong forgotten = new AtomicLong();
    private final Scheduler worker = Schedulers.newSingle("postern-active-devices", true);
    private final Disposable.Swap timer = Disposables.swap();
    private volatile boolean running;

    /**
     * How much memory it may take.
     *
     * @param pending       devices that wait to be written, each once a day; those that find no room are dropped
     * @param writtenLately devices that are known to be written, of 8 bytes each; others are written again when they are
     *                      called
     */
    public record Bounds(int pending, int writtenLately) {
        public static final Bounds DEFAULT = new Bounds(100_000, 1 << 20);
    }

    /** A device of an account was called on a day since 1970. */
    private record Sighting(AccountId account, DeviceId device, long day, long hash) {
        @Override
        public int hashCode() {
            return Long.hashCode(hash);
        }
    }

    public ActiveDevices(RedisStore redis, Clock clock, Bounds bounds) {
        this.redis = redis;
        this.clock = clock;
        this.maxPending = bounds.pending();
        this.writtenLately = new WrittenLately(bounds.writtenLately());
    }

    /** A call to these devices was allowed. For event loops: waits for nothing, and mostly makes no object. */
    public void note(AccountId account, List<DeviceId> devices) {
        long now = clock.millis();
        long day = Math.floorDiv(now, DAY_MILLIS);
        long era = era(now);
        for (int i = 0; i < devices.size(); i++) {
            DeviceId device = devices.get(i);
            long hash = hash(account, device, day);
            if (!writtenLately.contains(mark(hash, era))) {
                keep(new Sighting(account, device, day, hash));
            }
        }
    }

    private void keep(Sighting sighting) {
        if (pending.contains(sighting)) {
            return;
        }
        if (places.incrementAndGet() > maxPending) {
            places.decrementAndGet();
            dropped.increment();
        } else if (!pending.add(sighting)) {
            places.decrementAndGet();
        }
    }

    private boolean release(Sighting sighting) {
        boolean there = pending.remove(sighting);
        if (there) {
            places.decrementAndGet();
        }
        return there;
    }

    /**
     * What was written in another era does not count as written. It changes with the hour, so that counts that Redis lost
     * come back by themselves, and with each account that is forgotten.
     */
    private long era(long now) {
        return Math.floorDiv(now, HOUR_MILLIS) + forgotten.get();
    }

    private static long mark(long hash, long era) {
        return scramble(hash + scramble(era));
    }

    private long hash(AccountId account, DeviceId device, long day) {
        return hash(hash(scramble(hashSecret ^ day), account.value()), device.value());
    }

    private static long hash(long before, String id) {
        long hash = scramble(before ^ id.length());
        long word = 0;
        for (int i = 0; i < id.length(); i++) {
            // The characters of ids have seven bits.
            word = word << 8 | id.charAt(i);
            if (i % Long.BYTES == Long.BYTES - 1) {
                hash = scramble(hash ^ word);
                word = 0;
            }
        }
        return scramble(hash ^ word);
    }

    /** The last step of MurmurHash3: each bit of the result hangs on each bit of the number. */
    private static long scramble(long number) {
        long mixed = (number ^ (number >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }

    /** Devices that wait to be written, each once a day. */
    public int pending() {
        return places.get();
    }

    /** Calls to devices that were not counted, for want of room or because a key of Redis holds something else. */
    public long dropped() {
        return dropped.sum();
    }

    /** Writes what is pending, and leaves there what Redis does not take. */
    Mono<Void> flush() {
        return Flux.defer(() -> Flux.fromIterable(batches())).flatMap(this::write, WRITES_IN_FLIGHT).then()
                // The first that fails ends the pass: while Redis is away, one try a second is enough.
                .onErrorComplete(StoreUnavailableException.class)
                .subscribeOn(worker);
    }

    private List<List<Sighting>> batches() {
        if (!redis.isConnected()) {
            return List.of();
        }
        record AccountDay(AccountId account, long day) {}
        Map<AccountDay, List<Sighting>> together = new HashMap<>();
        for (Sighting sighting : pending) {
            together.computeIfAbsent(new AccountDay(sighting.account(), sighting.day()), _ -> new ArrayList<>())
                    .add(sighting);
        }
        List<List<Sighting>> batches = new ArrayList<>();
        for (List<Sighting> all : together.values()) {
            for (int from = 0; from < all.size(); from += BATCH) {
                batches.add(all.subList(from, Math.min(from + BATCH, all.size())));
            }
        }
        // One that Redis refuses again and again must not be the first each time: it would keep back the others.
        Collections.shuffle(batches);
        return batches;
    }

    private Mono<Void> write(List<Sighting> batch) {
        // Not those that were forgotten since the batch was put together.
        List<Sighting> sightings = batch.stream().filter(pending::contains).toList();
        if (sightings.isEmpty()) {
            return Mono.empty();
        }
        // Of the time before the command: what is forgotten until its reply comes does not count as written.
        long era = era(clock.millis());
        AccountId account = sightings.getFirst().account();
        LocalDate day = LocalDate.ofEpochDay(sightings.getFirst().day());
        String[] keys = {dayKey(account, day), monthKey(account, YearMonth.from(day))};
        String[] arguments = Stream.concat(
                Stream.of(Long.toString(KEEP_DAY.toSeconds()), Long.toString(KEEP_MONTH.toSeconds())),
                sightings.stream().map(sighting -> sighting.device().value())).toArray(String[]::new);
        return Scripts.run(redis, countScript, keys, arguments)
                // Away from the one thread of the connection, which has others to serve.
                .publishOn(worker)
                .doOnNext(_ -> written(sightings, era))
                .onErrorResume(UnreadableRecordException.class, corrupt -> {
                    LOG.error("{} or {} cannot be counted in. {}", keys[0], keys[1], corrupt.getMessage());
                    return Mono.fromRunnable(() -> drop(sightings));
                })
                .then();
    }

    private void written(List<Sighting> sightings, long era) {
        for (Sighting sighting : sightings) {
            // In this order: whoever notes it in between finds it in one place or the other.
            writtenLately.add(mark(sighting.hash(), era));
            release(sighting);
        }
    }

    private void drop(List<Sighting> sightings) {
        for (Sighting sighting : sightings) {
            if (release(sighting)) {
                dropped.increment();
            }
        }
    }

    private static String dayKey(AccountId account, LocalDate day) {
        return "postern:{" + account + "}:active:d:" + day;
    }

    private static String monthKey(AccountId account, YearMonth month) {
        return "postern:{" + account + "}:active:m:" + month;
    }

    /**
     * How many devices were called from one day to another. What was noted within the last second may be missing.
     *
     * @throws IllegalArgumentException if the days are in the wrong order, or too many
     */
    public Mono<Usage> usage(AccountId account, LocalDate from, LocalDate to) {
        if (from.isAfter(to)) {
            throw new IllegalArgumentException("from is after to");
        }
        if (ChronoUnit.DAYS.between(from, to) >= MAX_DAYS) {
            throw new IllegalArgumentException("from and to enclose more than " + MAX_DAYS + " days");
        }
        YearMonth firstMonth = YearMonth.from(from);
        long months = ChronoUnit.MONTHS.between(firstMonth, YearMonth.from(to)) + 1;
        return Mono.zip(count(wholeRange(account, from, to)),
                Flux.fromStream(() -> from.datesUntil(to.plusDays(1)))
                        .flatMapSequential(day -> count(dayKey(account, day))
                                .map(count -> new Usage.Day(day, count)), COUNTS_IN_FLIGHT)
                        .collectList(),
                Flux.fromStream(() -> Stream.iterate(firstMonth, month -> month.plusMonths(1)).limit(months))
                        .flatMapSequential(month -> count(monthKey(account, month))
                                .map(count -> new Usage.Month(month, count)), COUNTS_IN_FLIGHT)
                        .collectList())
                .map(counts -> new Usage(from, to, counts.getT1(), counts.getT2(), counts.getT3()));
    }

    private Mono<Long> count(String... keys) {
        return redis.run(commands -> commands.pfcount(keys));
    }

    /** The days, with the months in place of their days where they are whole: Redis is held up by each key that it merges. */
    private static String[] wholeRange(AccountId account, LocalDate from, LocalDate to) {
        List<String> keys = new ArrayList<>();
        for (LocalDate day = from; !day.isAfter(to);) {
            YearMonth month = YearMonth.from(day);
            if (day.getDayOfMonth() == 1 && !month.atEndOfMonth().isAfter(to)) {
                keys.add(monthKey(account, month));
                day = day.plusMonths(1);
            } else {
                keys.add(dayKey(account, day));
                day = day.plusDays(1);
            }
        }
        return keys.toArray(String[]::new);
    }

    /**
     * Forgets all counts of an account, so that one that is made anew under its id begins with none. Other gates
     * do not hear of it: what they still hold is written afterwards, and for the rest of the hour they take for written what they
     * wrote before.
     */
    @Override
    public Mono<Void> delete(AccountId account) {
        return Mono.fromRunnable(() -> pending.stream().filter(sighting -> sighting.account().equals(account))
                .forEach(this::release)).subscribeOn(worker)
                .thenMany(Flux.defer(() -> Flux.fromStream(everyKey(account))).buffer(KEYS_PER_UNLINK)
                        .concatMap(keys -> redis.run(commands -> commands.unlink(keys.toArray(String[]::new)))))
                .doOnTerminate(forgotten::incrementAndGet)
                .then();
    }

    /** Names are made up, as nothing lists them; one more at each end, since gates' clocks and ends of keys are not exact. */
    private Stream<String> everyKey(AccountId account) {
        LocalDate lastDay = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).plusDays(1);
        YearMonth lastMonth = YearMonth.from(lastDay);
        return Stream.concat(
                IntStream.rangeClosed(0, (int) KEEP_DAY.toDays() + 2)
                        .mapToObj(back -> dayKey(account, lastDay.minusDays(back))),
                IntStream.rangeClosed(0, 5 * 12 + 1)
                        .mapToObj(back -> monthKey(account, lastMonth.minusMonths(back))));
    }

    @Override
    public void start() {
        running = true;
        timer.update(Flux.interval(FLUSH_EVERY, worker).onBackpressureDrop()
                .concatMap(_ -> flush().onErrorResume(failed -> {
                    LOG.error("active devices could not be written", failed);
                    return Mono.empty();
                }))
                .subscribe());
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Writes what is left, when no more calls come. */
    @Override
    public void stop() {
        if (!running) {
            return;
        }
        running = false;
        timer.update(Disposables.disposed());
        try {
            flush().block(LAST_FLUSH_LIMIT);
        } catch (IllegalStateException tooSlow) {
            LOG.debug("the last flush took too long", tooSlow);
        }
        if (pending() > 0) {
            LOG.warn("{} active devices are not counted: Redis did not take them before the gate stopped", pending());
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
