package dev.postern.issuance;

import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.access.Limits;
import dev.postern.account.AccountLists;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.DeviceGroups;
import dev.postern.account.Page;
import dev.postern.account.StoredBytes;
import dev.postern.credential.Application;
import dev.postern.credential.BlockedSubject;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.Permission;
import dev.postern.credential.PresentedCredential;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.store.TestRedis;
import dev.postern.support.AmpleStorage;
import dev.postern.support.AtOnce;
import dev.postern.support.Credentials;
import dev.postern.support.MovableClock;
import dev.postern.support.OwnsItsGate;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

@OwnsItsGate
class StoredBytesTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final int ROOM = 20_000;

    @TempDir
    private static Path folder;
    private static TestRedis redis;

    private final MovableClock clock = MovableClock.at(Instant.ofEpochSecond(Instant.now().getEpochSecond()));
    private final StoredBytes stored = new StoredBytes(store(), clock, DataSize.ofBytes(ROOM),
            new StoredBytesCount(store())::run);
    private final ApiKeys apiKeys = new ApiKeys(store(), stored, secrets(), clock, 10_000);
    private final StaticTokens tokens = new StaticTokens(store(),
            new AccountLists(stored, AmpleStorage.lists(store()).names()), secrets(), clock,
            Credentials.SETTINGS);
    private final Applications applications = new Applications(store(),
            new AccountLists(stored, AmpleStorage.lists(store()).names()), secrets(), clock,
            Credentials.SETTINGS);
    private final Terminals terminals = new Terminals(store(), stored, secrets(), applications, clock,
            Credentials.SETTINGS);
    private final DeviceGroups groups = new DeviceGroups(store(),
            new AccountLists(stored, AmpleStorage.lists(store()).names()));
    private final BlockedSubjects subjects = new BlockedSubjects(store(), stored, secrets(), _ -> true, clock);
    private final Accounts accounts = new Accounts(store(), secrets(), clock,
            List.of(stored, groups, subjects));

    @BeforeAll
    static void startRedis() {
        redis = TestRedis.start(folder);
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    private static RedisStore store() {
        return redis.store();
    }

    private static SecretKeys secrets() {
        return redis.secretKeys();
    }

    @BeforeEach
    void openAccount() {
        redis.clear();
        get(accounts.create(ACME, "Acme"));
    }

    private static List<Permission> permissions(int devices) {
        return List.of(new Permission(Set.of(Action.GET), IntStream.range(0, devices)
                .mapToObj(i -> new Permission.Resource(new DeviceId("a-device-with-a-long-name-" + i),
                        Optional.empty()))
                .toList()));
    }

    private PresentedCredential newKey(int devices) {
        return Credentials.created(get(apiKeys.create(ACME, "title", permissions(devices)))).orElseThrow().secret();
    }

    /** How many bytes the gate has noted for the account. */
    private static long noted() {
        return Long.parseLong(TestRedis.find(redis.store().run(commands -> commands.hget(StoredBytes.key(ACME),
                "total"))).orElse("0"));
    }

    /** How many bytes the account really stores. */
    private static long really() {
        RedisStore store = redis.store();
        long bytes = 0;
        for (ListKind kind : ListKind.values()) {
            for (String index : get(store.run(commands -> commands.zrange(kind.key(ACME), 0, -1)))) {
                bytes += get(store.run(commands -> commands.strlen(CredentialRecords.key(index))));
                bytes += values(ApplicationKeys.authcodes(ACME, index));
            }
        }
        return bytes + values(DeviceGroups.key(ACME, DeviceGroup.Kind.PROJECT))
                + values(DeviceGroups.key(ACME, DeviceGroup.Kind.USER)) + values(BlockedSubject.key(ACME));
    }

    private static long values(String hash) {
        return get(redis.store().run(commands -> commands.hvals(hash))).stream().mapToLong(StoredBytes::size).sum();
    }

    private DeviceGroups.Details project(String id, int devices) {
        return new DeviceGroups.Details(new DeviceGroup(DeviceGroup.Kind.PROJECT, id), "Küche",
                IntStream.range(0, devices).mapToObj(i -> new DeviceId("device-" + i)).collect(Collectors.toSet()));
    }

    @Test
    void areExactAfterAnySequenceOfChanges() {
        PresentedCredential key = newKey(10);
        assertThat(noted()).isPositive().isEqualTo(really());
        get(apiKeys.overwrite(ACME, key, "größer", permissions(20)));
        assertThat(noted()).isEqualTo(really());
        get(apiKeys.overwrite(ACME, key, "smaller", permissions(1)));
        assertThat(noted()).isEqualTo(really());

        StaticTokens.Issued token = get(tokens.create(ACME, "token", Optional.empty(), List.of(), Limits.NONE));
        get(tokens.replace(ACME, token.listed().id(), "a token of a longer name", true, List.of(), limits -> limits));
        assertThat(noted()).isEqualTo(really());

        Applications.Issued application = get(applications.create(ACME, "app", Application.Platform.HARDWARE,
                List.of(), Limits.NONE));
        List<Terminals.Authcode> codes = get(terminals.addAuthcodes(ACME, application.listed().id(), 5, 10,
                Optional.empty()));
        assertThat(noted()).isEqualTo(really());
        get(terminals.deleteAuthcode(ACME, application.listed().id(), codes.getFirst().code()));
        assertThat(noted()).isEqualTo(really());
        TestRedis.find(applications.delete(ACME, application.listed().id()));
        assertThat(noted()).isEqualTo(really());

        TestRedis.find(groups.create(ACME, project("kitchen", 10)));
        TestRedis.find(groups.replace(ACME, project("kitchen", 3)));
        assertThat(noted()).isEqualTo(really());
        get(groups.delete(ACME, new DeviceGroup(DeviceGroup.Kind.PROJECT, "kitchen")));
        assertThat(noted()).isEqualTo(really());

        TestRedis.find(tokens.delete(ACME, token.listed().id()));
        get(apiKeys.delete(ACME, key));
        assertThat(noted()).isZero();
        assertThat(really()).isZero();
    }

    @Test
    void refuseARecordWithAReasonUntilThereIsRoom() {
        List<PresentedCredential> made = new ArrayList<>();
        ChangeRefusedException refused = null;
        while (refused == null) {
            try {
                made.add(newKey(50));
            } catch (ChangeRefusedException full) {
                refused = full;
            }
        }
        assertThat(refused.why()).isEqualTo(ChangeRefusedException.Why.NO_ROOM);
        assertThat(refused).hasMessage("The account stores " + really() + " bytes. The limit is " + ROOM
                + " bytes (postern.accounts.max-stored-bytes).");
        assertThat(noted()).isEqualTo(really()).isLessThanOrEqualTo(ROOM);
        assertThat(get(apiKeys.list(ACME, new ApiKeys.Filter(Optional.empty(), Optional.empty(), Optional.empty()),
                new Page.Request(1, 100))).totalCount()).isEqualTo(made.size());

        // Other changes that need room are refused, too. Changes that free room are allowed.
        assertThatExceptionOfType(ChangeRefusedException.class)
                .isThrownBy(() -> get(apiKeys.overwrite(ACME, made.getFirst(), "title", permissions(200))));
        assertThatExceptionOfType(ChangeRefusedException.class)
                .isThrownBy(() -> TestRedis.find(groups.create(ACME, project("kitchen", 500))));
        assertThat(noted()).isEqualTo(really());
        assertThat(TestRedis.find(apiKeys.overwrite(ACME, made.getFirst(), "title", permissions(1)))).isPresent();
        newKey(20);
        get(apiKeys.delete(ACME, made.getLast()));
        newKey(50);
        assertThat(noted()).isEqualTo(really()).isLessThanOrEqualTo(ROOM);
    }

    @Test
    void areExactUnderConcurrency() throws Exception {
        List<PresentedCredential> keys = List.of(newKey(1), newKey(1), newKey(1));
        List<Callable<Integer>> callers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int caller = i;
            callers.add(() -> {
                for (int round = 0; round < 30; round++) {
                    int devices = 1 + (caller * 7 + round * 3) % 40;
                    Credentials.unlessContended(apiKeys.overwrite(ACME, keys.get(round % keys.size()), "t" + caller,
                            permissions(devices)));
                }
                return caller;
            });
        }
        AtOnce.run(callers);

        // The noted bytes may be more than the stored bytes, but never less. The next change of each key makes them
        // exact.
        assertThat(noted()).isGreaterThanOrEqualTo(really());
        keys.forEach(key -> get(apiKeys.overwrite(ACME, key, "last", permissions(5))));
        assertThat(noted()).isEqualTo(really());
    }

    @Test
    void includeRecordsFromBeforeThereWereSizes() {
        newKey(10);
        get(tokens.create(ACME, "token", Optional.empty(), List.of(), Limits.NONE));
        Applications.Issued application = get(applications.create(ACME, "app", Application.Platform.HARDWARE,
                List.of(), Limits.NONE));
        get(terminals.addAuthcodes(ACME, application.listed().id(), 5, 10, Optional.empty()));
        TestRedis.find(groups.create(ACME, project("kitchen", 10)));
        redis.run(commands -> commands.del(StoredBytes.key(ACME)));

        newKey(1);

        assertThat(noted()).isEqualTo(really());
    }

    @Test
    void refuseAnAccountThatStoredTooMuchBeforeThereWereSizes() {
        ApiKeys unbounded = new ApiKeys(redis.store(), AmpleStorage.of(redis.store()), redis.secretKeys(), clock, 100);
        get(unbounded.create(ACME, "large", permissions(1000)));
        redis.run(commands -> commands.del(StoredBytes.key(ACME)));

        assertThatExceptionOfType(ChangeRefusedException.class).isThrownBy(() -> newKey(1))
                .withMessageContaining("The account stores " + really() + " bytes");
    }

    @Test
    void areCorrectedAfterAnInterruptedChangeByListing() {
        PresentedCredential key = newKey(1);
        String index = get(redis.store().run(commands -> commands.zrange(ListKind.API_KEYS.key(ACME), 0, -1)))
                .getFirst();
        get(stored.reserve(ACME, ListKind.API_KEYS.key(ACME), index, 15_000));
        assertThat(noted()).isGreaterThan(really());
        ApiKeys.Filter none = new ApiKeys.Filter(Optional.empty(), Optional.empty(), Optional.of("zzz"));
        get(apiKeys.list(ACME, none, new Page.Request(1, 10)));
        assertThat(noted()).as("a change may be under way").isGreaterThan(really());

        clock.move(Duration.ofMinutes(11));
        get(apiKeys.list(ACME, none, new Page.Request(1, 10)));

        assertThat(noted()).isEqualTo(really());
        assertThat(TestRedis.find(apiKeys.find(ACME, key))).isPresent();
    }

    @Test
    void areDeletedWithTheAccount() {
        newKey(1);
        get(accounts.delete(ACME));

        long left = redis.run(commands -> commands.exists(StoredBytes.key(ACME)));
        assertThat(left).isZero();
    }

    @Test
    void splitAListIntoChunksOfBoundedSize() {
        ApiKeys ample = new ApiKeys(redis.store(), AmpleStorage.of(redis.store()), redis.secretKeys(), clock, 100);
        for (int i = 0; i < 40; i++) {
            get(ample.create(ACME, "large", permissions(1000)));
        }
        Map<String, String> before = statistics();

        assertThat(get(ample.list(ACME, new ApiKeys.Filter(Optional.empty(), Optional.empty(), Optional.of("large")),
                new Page.Request(1, 1))).totalCount()).isEqualTo(40);

        // Each record has 43 KB, so that six of them go into a chunk.
        long commands = Long.parseLong(statistics().getOrDefault("mget", "0"))
                - Long.parseLong(before.getOrDefault("mget", "0"));
        assertThat(really()).isGreaterThan(1_500_000);
        assertThat(commands).isGreaterThanOrEqualTo(really() / (256 * 1024)).isLessThan(20);
    }

    private static Map<String, String> statistics() {
        return redis.run(commands -> commands.info("commandstats")).lines()
                .filter(line -> line.startsWith("cmdstat_"))
                .collect(Collectors.toMap(line -> line.substring(8, line.indexOf(':')),
                        line -> line.replaceFirst("[^:]*:calls=(\\d+).*", "$1")));
    }
}
