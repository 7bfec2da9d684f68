package dev.postern.upgrade;

import dev.postern.upgrade.Fleet.Version;
import dev.postern.upgrade.Tally.Count;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Upgrades gates under load, and goes back: two gates of the old version, one of each, two of the new version, one of
 * each, two of the old version, always with the same Redis. Each answer is compared with the right one
 * ({@link Tenant}). {@code loadtest/upgrade} runs it; {@code docs/how-to/upgrade.md} has results.
 */
public final class UpgradeRun {
    private static final long SEED = 7;

    private final Fleet fleet;
    private final Tally tally = new Tally();
    private final Duration phase;
    private final int rate;
    private final int threads;
    private final int tenants;
    private final CountDownLatch ready;
    private volatile boolean over;

    /**
     * @param phase   how long each of the five phases lasts, without the start of gates
     * @param rate    calls per second
     * @param tenants the number of accounts for each thread
     */
    UpgradeRun(Path oldJar, Path newJar, Duration phase, int rate, int threads, int tenants) {
        this.fleet = new Fleet(oldJar, newJar);
        this.phase = phase;
        this.rate = rate;
        this.threads = threads;
        this.tenants = tenants;
        this.ready = new CountDownLatch(threads);
    }

    /** @param arguments the old jar, the new jar, for how many minutes (5), and calls per second (300) */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length < 2 || arguments.length > 4) {
            System.err.println("usage: loadtest/upgrade OLD.jar NEW.jar [minutes] [calls per second]");
            System.exit(2);
        }
        double minutes = arguments.length > 2 ? Double.parseDouble(arguments[2]) : 5;
        int rate = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 300;
        UpgradeRun run = new UpgradeRun(Path.of(arguments[0]), Path.of(arguments[1]),
                Duration.ofMillis((long) (minutes * 60_000 / 5)), rate, 6, 10);
        // If the run is ended from outside, its gates must not stay.
        Runtime.getRuntime().addShutdownHook(
                new Thread(() -> run.fleet.serving().forEach(gate -> gate.process().stop())));
        Tally tally = run.run();
        System.out.println(tally.table());
        System.exit(tally.isClean() ? 0 : 1);
    }

    /** Runs all phases. */
    Tally run() throws InterruptedException {
        try (fleet) {
            fleet.serve(Version.OLD, Version.OLD);
            List<Thread> callers = new ArrayList<>();
            tally.begin("both old");
            for (int thread = 0; thread < threads; thread++) {
                int number = thread;
                callers.add(Thread.ofPlatform().name("caller-" + number).start(() -> makeCalls(number)));
            }
            ready.await();
            pass();
            next("old and new", Version.OLD, Version.NEW);
            next("both new", Version.NEW, Version.NEW);
            next("new and old", Version.NEW, Version.OLD);
            next("both old again", Version.OLD, Version.OLD);
            over = true;
            for (Thread caller : callers) {
                caller.join(TimeUnit.MINUTES.toMillis(2));
            }
            if (fleet.forwarded() < tally.total(Count.ALLOWED)) {
                tally.wrong(Count.FAILED, "the backend has got only " + fleet.forwarded() + " calls");
            }
        }
        fleet.errors().forEach(line -> tally.wrong(Count.FAILED, "a gate has logged: " + line));
        return tally;
    }

    private void next(String name, Version first, Version second) {
        tally.begin(name);
        fleet.serve(first, second);
        pass();
    }

    private void pass() {
        LockSupport.parkNanos(phase.toNanos());
        System.out.println(tally.table());
    }

    private void makeCalls(int number) {
        Random random = new Random(SEED + number);
        List<Tenant> own = new ArrayList<>();
        List<Long> due = new ArrayList<>();
        long pause = TimeUnit.SECONDS.toNanos(1) * threads / rate;
        try (Caller caller = new Caller(fleet)) {
            for (int tenant = 0; tenant < tenants; tenant++) {
                own.add(new Tenant(fleet, tally, number * tenants + tenant, SEED));
                due.add(System.nanoTime() + later(random));
            }
            ready.countDown();
            long next = System.nanoTime();
            while (!over) {
                int which = random.nextInt(tenants);
                try {
                    if (System.nanoTime() - due.get(which) > 0) {
                        own.get(which).change();
                        due.set(which, System.nanoTime() + later(random));
                    }
                    own.get(which).call(caller);
                } catch (UncheckedIOException broken) {
                    tally.wrong(Count.FAILED, "a connection broke: " + broken.getCause());
                }
                // A thread that was held up does not catch up.
                next = Math.max(next + pause, System.nanoTime() - TimeUnit.SECONDS.toNanos(1));
                LockSupport.parkNanos(next - System.nanoTime());
            }
        } catch (RuntimeException failed) {
            tally.wrong(Count.FAILED, String.format(Locale.ROOT, "caller %d has ended: %s", number, failed));
        } finally {
            ready.countDown();
        }
    }

    /** The time until the next change of an account: longer than a gate may take to learn of a change. */
    private static long later(Random random) {
        return TimeUnit.MILLISECONDS.toNanos(3000 + random.nextInt(6000));
    }
}
