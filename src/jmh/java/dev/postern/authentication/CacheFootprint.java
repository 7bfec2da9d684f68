package dev.postern.authentication;

import static dev.postern.store.TestRedis.find;

import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.ApiSet;
import dev.postern.access.DeviceId;
import dev.postern.access.DeviceSet;
import dev.postern.access.Limits;
import dev.postern.access.Rule;
import dev.postern.access.StreamId;
import dev.postern.access.StreamSet;
import dev.postern.account.RecordRef;
import dev.postern.credential.ApiKey;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialCodec;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.Permission;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.StaticToken;
import dev.postern.store.CacheSettings;
import dev.postern.store.Patience;
import dev.postern.store.TestRedis;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Measures how much memory of a gate the credentials in use take, and how much the gate counts for them: for the
 * records in the near cache, and for what it remembers of verified credentials. All are read from a real Redis.
 *
 * <p>The argument is the number of credentials. The default is a million, which needs a heap of 4 GiB.
 */
public final class CacheFootprint {
    private static final int BATCH = 1000;
    private static final int AT_A_TIME = 256;
    private static final Duration LONG = Duration.ofHours(1);
    private static final DataSize ROOM = DataSize.ofGigabytes(16);

    private final TestRedis redis;
    private final CredentialRecords index;
    private final int credentials;

    private CacheFootprint(TestRedis redis, int credentials) {
        this.redis = redis;
        this.index = new CredentialRecords(redis.store(), redis.secretKeys());
        this.credentials = credentials;
    }

    public static void main(String[] arguments) throws IOException {
        int credentials = arguments.length == 0 ? 1_000_000 : Integer.parseInt(arguments[0]);
        try (TestRedis redis = TestRedis.start(Files.createTempDirectory(Path.of("target"), "footprint-"))) {
            CacheFootprint footprint = new CacheFootprint(redis, credentials);
            String sealed = redis.secretKeys().seal("k".repeat(43), "api-key");
            footprint.measure("API key for a device",
                    i -> apiKey(i, sealed, List.of(new Permission.Resource(device(i), Optional.empty()))));
            footprint.measure("static token for a device", i -> staticToken(i, Set.of(device(i))));
            new CacheFootprint(redis, credentials / 100).measure("API key for a hundred data streams",
                    i -> apiKey(i, sealed, IntStream.range(0, 100).mapToObj(n -> new Permission.Resource(device(i),
                            Optional.of(new StreamId("stream-" + n)))).toList()));
            new CacheFootprint(redis, credentials / 100).measure("static token for a hundred devices",
                    i -> staticToken(i, IntStream.range(100 * i, 100 * (i + 1)).mapToObj(CacheFootprint::device)
                            .collect(Collectors.toSet())));
        }
    }

    private static ApiKey apiKey(int i, String sealed, List<Permission.Resource> resources) {
        return new ApiKey(account(i), "key number " + i, Instant.now(), true,
                List.of(new Permission(EnumSet.of(Action.GET, Action.PUT), resources)), sealed, Limits.NONE);
    }

    private static StaticToken staticToken(int i, Set<DeviceId> devices) {
        return new StaticToken(account(i), "token number " + i, Instant.now(), true, List.of(new Rule(
                new ApiSet.Every(), EnumSet.of(Action.GET), new DeviceSet.Only(devices),
                new StreamSet.WholeDevice())), Limits.NONE);
    }

    private static AccountId account(int i) {
        return new AccountId("account-" + i / 100);
    }

    private static DeviceId device(int i) {
        return new DeviceId("device-" + i);
    }

    private void measure(String what, IntFunction<Credential.Stored> credential) {
        write(credential);
        long before = usedHeap();
        RecordCache records = new RecordCache(redis.store(),
                new CacheSettings(LONG, Duration.ZERO, ROOM, 100_000, false));
        eachSecret(secret -> records.read(List.of(ref(secret)), Patience.READ));
        long withRecords = usedHeap();
        report(what + ", in the near cache", records.size(), withRecords - before, records.bytes());

        VerifiedCredentials verified = new VerifiedCredentials(LONG, ROOM.toBytes());
        OpaqueVerifier verifier = new OpaqueVerifier(index, Clock.systemUTC());
        eachSecret(secret -> {
            VerificationRecords read = new VerificationRecords(records, Patience.READ);
            return verifier.verify(secret, read).doOnNext(verification -> verified
                    .remember(TokenDigest.of(new PresentedCredential(secret)), read, verification, Instant.now()));
        });
        report(what + ", verified", verified.size(), usedHeap() - withRecords, verified.bytes());
        // The near cache is in use up to here, so that it is in the heap during both measurements.
        System.out.printf("%s: %d of %d records were found in memory%n", what, records.hits(), credentials);
    }

    private void write(IntFunction<Credential.Stored> credential) {
        for (int from = 0; from < credentials; from += BATCH) {
            Map<String, String> batch = new HashMap<>();
            for (int i = from; i < Math.min(from + BATCH, credentials); i++) {
                batch.put(CredentialRecords.key(index.index(secret(i))), CredentialCodec.encode(credential.apply(i)));
            }
            redis.run(commands -> commands.mset(batch));
        }
    }

    private interface Use {
        Mono<?> of(String secret);
    }

    private void eachSecret(Use use) {
        for (int from = 0; from < credentials; from += BATCH) {
            find(Flux.range(from, Math.min(BATCH, credentials - from)).flatMap(i -> use.of(secret(i)), AT_A_TIME)
                    .then());
        }
    }

    private RecordRef ref(String secret) {
        return RecordRef.key(CredentialRecords.key(index.index(secret)));
    }

    private static String secret(int i) {
        return "secret-" + i;
    }

    private static long usedHeap() {
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            used = Math.min(used, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return used;
    }

    private static void report(String what, long entries, long taken, long counted) {
        System.out.printf("%s: %d entries, each takes %d bytes and counts as %d%n", what, entries, taken / entries,
                counted / entries);
    }
}
