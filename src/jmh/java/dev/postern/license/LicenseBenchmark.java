package dev.postern.license;

import static dev.postern.store.TestRedis.get;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.store.Patience;
import dev.postern.store.TestRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Flux;

/**
 * What licenses cost: to find out whether a device is covered, from memory and from Redis, in accounts of ten to ten
 * million devices; and to give out seats.
 */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
        "-XX:+UseCompactObjectHeaders"})
public class LicenseBenchmark {
    private static final AccountId ACCOUNT = new AccountId("fleet");
    private static final int BATCH = 1000;
    private static final int CLAIMS = 10_000;
    private static final int CALLERS = 256;

    /** Redis, and a gate on it. */
    @State(Scope.Benchmark)
    public static class Store {
        TestRedis redis = start();
        Fleet fleet = new Fleet(redis.secretKeys());
        Fleet.Gate gate = fleet.gate(redis.store(),
                Fleet.settings(LicenseSettings.Enrollment.STRICT, Duration.ofMinutes(1)));

        private static TestRedis start() {
            try {
                return TestRedis.start(Files.createTempDirectory(Path.of("target"), "benchmark-"));
            } catch (IOException failed) {
                throw new IllegalStateException(failed);
            }
        }

        @TearDown
        public void stop() {
            redis.close();
        }
    }

    /** An account with many devices, all of which have a seat. */
    @State(Scope.Benchmark)
    public static class Account {
        @Param({"10", "1000", "100000", "10000000"})
        public int devices = 10;

        List<DeviceId> seated = List.of();

        /** Fills Redis as the scripts would, but faster. */
        @Setup
        public void fill(Store store) {
            store.gate.open(ACCOUNT.value());
            store.gate.pay(ACCOUNT, devices);
            for (int from = 0; from < devices; from += BATCH) {
                Map<String, String> details = new HashMap<>();
                List<Object> seats = new ArrayList<>();
                for (int i = from; i < Math.min(from + BATCH, devices); i++) {
                    details.put("device-" + i, "1|mark|||Device number " + i);
                    seats.add(i + 1.0);
                    seats.add("device-" + i);
                }
                store.redis.run(commands -> commands.hset(LicenseKeys.details(ACCOUNT), details));
                store.redis.run(commands -> commands.zadd(LicenseKeys.devices(ACCOUNT), seats.toArray()));
            }
            seated = List.of(new DeviceId("device-" + devices / 2));
            if (store.gate.call(ACCOUNT, seated.getFirst().value()).isPresent()) {
                throw new IllegalStateException("the device is not covered");
            }
        }
    }

    /** Devices without a seat, in an account that has enough free seats. */
    @State(Scope.Benchmark)
    public static class Waiting {
        private int round;
        AccountId account = ACCOUNT;
        List<DeviceId> waiting = List.of();

        @Setup(Level.Invocation)
        public void register(Store store) {
            account = store.gate.open("round-" + ++round);
            store.gate.pay(account, 0);
            waiting = new ArrayList<>();
            for (int i = 0; i < CLAIMS; i++) {
                waiting.add(new DeviceId("device-" + round + "-" + i));
            }
            get(store.gate.devices().add(account, waiting.stream().map(NewDevice::untitled).toList(),
                    Devices.newMark()));
            store.gate.pay(account, CLAIMS);
        }
    }

    /** A device that is known to be covered. */
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    public boolean remembered(Store store, Account account) {
        return store.gate.licenseCheck().isCoveredNow(ACCOUNT, account.seated, DeviceUse.ORDINARY, Patience.READ);
    }

    /** A device with a seat of which the gate does not know yet: one round trip to Redis. */
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    public Optional<?> asked(Store store, Account account) {
        return get(store.gate.licenseCheck().checkAndTakeSeats(ACCOUNT, account.seated, DeviceUse.ORDINARY,
                Patience.READ));
    }

    /** First calls of devices that take a seat, 256 at a time. */
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @OperationsPerInvocation(CLAIMS)
    @Warmup(iterations = 2, time = 1)
    @Measurement(iterations = 5, time = 1)
    public Long claims(Store store, Waiting waiting) {
        return get(Flux.fromIterable(waiting.waiting)
                .flatMap(device -> store.gate.licenseCheck()
                        .checkAndTakeSeats(waiting.account, List.of(device), DeviceUse.ORDINARY, Patience.READ)
                        .doOnNext(denied -> {
                            if (denied.isPresent()) {
                                throw new IllegalStateException(denied.get().toString());
                            }
                        }), CALLERS)
                .count());
    }
}
