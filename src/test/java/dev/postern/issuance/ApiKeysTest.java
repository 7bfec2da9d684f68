package dev.postern.issuance;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.DeviceId;
import dev.postern.access.StreamId;
import dev.postern.account.Page;
import dev.postern.authentication.Authentication;
import dev.postern.credential.ApiKey;
import dev.postern.credential.CredentialCodec;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.MasterKey;
import dev.postern.credential.Permission;
import dev.postern.credential.PresentedCredential;
import dev.postern.store.UnreadableRecordException;
import dev.postern.support.AtOnce;
import dev.postern.support.Credentials;
import dev.postern.support.OwnsItsGate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OwnsItsGate
class ApiKeysTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final AccountId OTHER = new AccountId("other");
    private static final PresentedCredential UNKNOWN = new PresentedCredential("unknown");
    private static final ApiKeys.Filter ALL = new ApiKeys.Filter(Optional.empty(), Optional.empty(),
            Optional.empty());
    private static final int ROUNDS = 30;

    @TempDir
    private static Path folder;
    private static Credentials credentials;
    private static ApiKeys apiKeys;
    private static PresentedCredential masterKey;

    @BeforeAll
    static void startRedis() {
        credentials = new Credentials(folder);
        apiKeys = credentials.apiKeys();
        masterKey = UNKNOWN;
    }

    @AfterAll
    static void stopRedis() {
        credentials.close();
    }

    @BeforeEach
    void openAnAccount() {
        credentials.redis().clear();
        masterKey = credentials.open(ACME);
    }

    @Test
    void createsAKeyWithItsPermissions() {
        Permission permission = permission(Action.GET, "lamp-1");
        ApiKeys.Shown shown = credentials.issue(ACME, "Küche", permission);

        assertThat(shown.secret().secret()).matches("[A-Za-z0-9=]{28}");
        assertThat(shown.key().name()).isEqualTo("Küche");
        assertThat(shown.key().granted()).containsExactly(permission);
        assertThat(shown.key().created()).isAfter(Credentials.START);
        assertThat(credentials.authenticate(shown.secret())).isInstanceOfSatisfying(Authentication.Verified.class,
                verified -> {
                    assertThat(verified.principal().account()).isEqualTo(ACME);
                    assertThat(verified.credential()).isInstanceOfSatisfying(ApiKey.class,
                            key -> assertThat(key.granted()).containsExactly(permission));
                });
        assertSame(get(apiKeys.find(ACME, shown.secret())), shown.key());
    }

    @Test
    void storesNoSecretInRedis() {
        PresentedCredential secret = credentials.issue(ACME, "title").secret();

        assertThat(credentials.everything()).hasSize(6).noneMatch(key -> key.contains(secret.secret()));
        assertThat(credentials.records()).hasSize(2).allSatisfy(
                key -> assertThat(find(credentials.redis().store().run(commands -> commands.get(key)))).get().asString()
                        .doesNotContain(secret.secret()).doesNotContain(masterKey.secret()));
    }

    @Test
    void createsNoKeyWithoutAnAccount() {
        assertThat(get(apiKeys.create(OTHER, "title", List.of()))).isEqualTo(new ApiKeys.Creation.NoAccount());
        assertThat(credentials.records()).hasSize(1);
        assertThat(get(apiKeys.list(OTHER, ALL, new Page.Request(1, 10)))).isEqualTo(new Page<>(0, List.of()));
    }

    @Test
    void limitsTheKeysOfAnAccount() {
        ApiKeys two = credentials.apiKeys(2);
        PresentedCredential first = Credentials.created(get(two.create(ACME, "1", List.of()))).orElseThrow().secret();
        get(two.create(ACME, "2", List.of()));

        assertThat(get(two.create(ACME, "3", List.of()))).isEqualTo(new ApiKeys.Creation.TooMany(2));
        assertThat(titles(ALL, 1, 10)).containsExactly("1", "2");
        assertThat(credentials.records()).hasSize(3);
        credentials.open(OTHER);
        assertThat(Credentials.created(get(two.create(OTHER, "1", List.of())))).isPresent();

        get(two.delete(ACME, first));
        assertThat(Credentials.created(get(two.create(ACME, "3", List.of())))).isPresent();
        assertThat(titles(ALL, 1, 10)).containsExactly("2", "3");
    }

    @Test
    void limitsTheKeysOfAnAccountUnderConcurrency() throws Exception {
        ApiKeys three = credentials.apiKeys(3);
        for (int round = 0; round < ROUNDS / 3; round++) {
            AccountId account = new AccountId("account-" + round);
            credentials.open(account);
            List<ApiKeys.Creation> creations = AtOnce.run(6, () -> get(three.create(account, "title", List.of())));

            assertThat(creations).filteredOn(creation -> creation instanceof ApiKeys.Creation.Created).hasSize(3);
            assertThat(creations).filteredOn(new ApiKeys.Creation.TooMany(3)::equals).hasSize(3);
        }
    }

    @Test
    void listsKeysInTheOrderOfTheirCreation() {
        List<ApiKeys.Shown> made = List.of("c", "a", "e", "b", "d").stream()
                .map(title -> credentials.issue(ACME, title, permission(Action.GET, "lamp-1"))).toList();

        assertThat(titles(ALL, 1, 2)).containsExactly("c", "a");
        assertThat(titles(ALL, 2, 2)).containsExactly("e", "b");
        assertThat(titles(ALL, 3, 2)).containsExactly("d");
        assertThat(titles(ALL, 4, 2)).isEmpty();
        Page<ApiKeys.Shown> page = get(apiKeys.list(ACME, ALL, new Page.Request(1, 10)));
        assertThat(page.totalCount()).isEqualTo(5);
        assertThat(page.items()).extracting(ApiKeys.Shown::secret)
                .containsExactlyElementsOf(made.stream().map(ApiKeys.Shown::secret).toList());
        assertSame(page.items().getFirst().key(), made.getFirst().key());
    }

    @Test
    void listsMoreKeysThanItReadsAtATime() {
        IntStream.range(0, 120).forEach(i -> credentials.issue(ACME, "key " + i));

        assertThat(titles(ALL, 1, 100)).hasSize(100).startsWith("key 0", "key 1").endsWith("key 98", "key 99");
        assertThat(titles(ALL, 2, 100)).hasSize(20).startsWith("key 100").endsWith("key 119");
        assertThat(titles(title("key 11"), 1, 100)).containsExactly("key 11", "key 110", "key 111", "key 112",
                "key 113", "key 114", "key 115", "key 116", "key 117", "key 118", "key 119");
    }

    @Test
    void listsTheKeysOfOneAccountOnly() {
        credentials.open(OTHER);
        credentials.issue(OTHER, "theirs");
        credentials.issue(ACME, "mine");

        assertThat(titles(ALL, 1, 10)).containsExactly("mine");
        assertThat(titles(title("theirs"), 1, 10)).isEmpty();
    }

    @Test
    void listsKeysByDeviceAndTitle() {
        credentials.issue(ACME, "kitchen", permission(Action.GET, "lamp-1"));
        credentials.issue(ACME, "kitchen fan", permission(Action.GET, "lamp-2"), permission(Action.PUT, "fan-1"));
        credentials.issue(ACME, "Kitchen", new Permission(Set.of(), List.of(device("lamp-1"))));
        credentials.issue(ACME, "my kitchen", new Permission(Set.of(Action.GET), List.of(stream("fan-1", "speed"))));

        assertThat(titles(title("kitchen"), 1, 10)).containsExactly("kitchen", "kitchen fan");
        assertThat(titles(title(""), 1, 10)).hasSize(4);
        assertThat(titles(deviceFilter("lamp-1"), 1, 10)).containsExactly("kitchen", "Kitchen");
        assertThat(titles(deviceFilter("fan-1"), 1, 10)).containsExactly("kitchen fan", "my kitchen");
        assertThat(titles(deviceFilter("fan-1"), 2, 1)).containsExactly("my kitchen");
        assertThat(get(apiKeys.list(ACME, deviceFilter("fan-1"), new Page.Request(2, 1))).totalCount()).isEqualTo(2);
        assertThat(titles(deviceFilter("speed"), 1, 10)).isEmpty();
        assertThat(titles(new ApiKeys.Filter(Optional.empty(), Optional.of(new DeviceId("fan-1")),
                Optional.of("kitchen")), 1, 10)).containsExactly("kitchen fan");
    }

    @Test
    void listsOneKeyByItsSecret() {
        credentials.issue(ACME, "first", permission(Action.GET, "lamp-1"));
        PresentedCredential second = credentials.issue(ACME, "second", permission(Action.GET, "lamp-2")).secret();
        credentials.open(OTHER);
        PresentedCredential theirs = credentials.issue(OTHER, "theirs").secret();

        Page<ApiKeys.Shown> page = get(apiKeys.list(ACME, secretFilter(second), new Page.Request(1, 10)));
        assertThat(page.totalCount()).isEqualTo(1);
        assertThat(page.items()).singleElement().satisfies(shown -> {
            assertThat(shown.secret()).isEqualTo(second);
            assertThat(shown.key().name()).isEqualTo("second");
        });
        assertThat(titles(secretFilter(second), 2, 10)).isEmpty();
        assertThat(titles(secretFilter(UNKNOWN), 1, 10)).isEmpty();
        assertThat(titles(secretFilter(masterKey), 1, 10)).isEmpty();
        assertThat(titles(secretFilter(theirs), 1, 10)).isEmpty();
        assertThat(titles(new ApiKeys.Filter(Optional.of(second), Optional.of(new DeviceId("lamp-1")),
                Optional.empty()), 1, 10)).isEmpty();
        assertThat(titles(new ApiKeys.Filter(Optional.of(second), Optional.of(new DeviceId("lamp-2")),
                Optional.of("sec")), 1, 10)).containsExactly("second");
    }

    @Test
    void omitsDeletedKeysFromTheList() {
        credentials.issue(ACME, "kept");
        String gone = credentials.redis().secretKeys().index("credential",
                credentials.issue(ACME, "gone").secret().secret());
        assertThat(find(credentials.redis().store().run(commands -> commands.del(CredentialRecords.key(gone)))))
                .contains(1L);

        assertThat(titles(ALL, 1, 10)).containsExactly("kept");
        assertThat(titles(title("g"), 1, 10)).isEmpty();
    }

    @Test
    void findsNoKeyOfAnotherAccount() {
        PresentedCredential mine = credentials.issue(ACME, "mine").secret();
        credentials.open(OTHER);

        assertThat(find(apiKeys.find(ACME, mine))).isPresent();
        assertThat(find(apiKeys.find(OTHER, mine))).isEmpty();
        assertThat(find(apiKeys.find(ACME, masterKey))).isEmpty();
        assertThat(find(apiKeys.find(ACME, UNKNOWN))).isEmpty();
    }

    @Test
    void replacesTitleAndPermissionsCompletely() {
        ApiKeys.Shown before = credentials.issue(ACME, "before", permission(Action.GET, "lamp-1"),
                permission(Action.PUT, "lamp-1"));
        Permission permission = permission(Action.DELETE, "lamp-2");
        ApiKey after = get(apiKeys.overwrite(ACME, before.secret(), "after", List.of(permission)));

        assertThat(after.name()).isEqualTo("after");
        assertThat(after.granted()).containsExactly(permission);
        assertThat(after.created()).isEqualTo(before.key().created());
        assertSame(get(apiKeys.find(ACME, before.secret())), after);
        assertThat(get(apiKeys.list(ACME, ALL, new Page.Request(1, 10))).items()).singleElement()
                .satisfies(shown -> assertThat(shown.secret()).isEqualTo(before.secret()));

        assertThat(get(apiKeys.overwrite(ACME, before.secret(), "", List.of())).granted()).isEmpty();
    }

    @Test
    void replacesNoKeyOfAnotherAccount() {
        ApiKeys.Shown mine = credentials.issue(ACME, "mine", permission(Action.GET, "lamp-1"));
        credentials.open(OTHER);

        assertThat(find(apiKeys.overwrite(OTHER, mine.secret(), "theirs", List.of()))).isEmpty();
        assertThat(find(apiKeys.overwrite(ACME, UNKNOWN, "none", List.of()))).isEmpty();
        assertThat(find(apiKeys.overwrite(ACME, masterKey, "none", List.of()))).isEmpty();
        assertThat(find(apiKeys.changePermissions(OTHER, mine.secret(), _ -> List.of()))).isEmpty();
        assertSame(get(apiKeys.find(ACME, mine.secret())), mine.key());
        assertThat(credentials.authenticate(masterKey)).isInstanceOfSatisfying(Authentication.Verified.class,
                verified -> assertThat(verified.credential()).isEqualTo(new MasterKey(ACME)));
    }

    @Test
    void changesOnlyPermissions() {
        ApiKeys.Shown before = credentials.issue(ACME, "title", permission(Action.GET, "lamp-1"));
        ApiKey after = get(apiKeys.changePermissions(ACME, before.secret(),
                granted -> List.of(granted.getFirst(), permission(Action.PUT, "lamp-2"))));

        assertThat(after.name()).isEqualTo("title");
        assertThat(after.created()).isEqualTo(before.key().created());
        assertThat(after.granted()).containsExactly(permission(Action.GET, "lamp-1"),
                permission(Action.PUT, "lamp-2"));
        assertSame(get(apiKeys.find(ACME, before.secret())), after);
    }

    @Test
    void losesNoConcurrentChangeOfPermissions() throws Exception {
        PresentedCredential secret = credentials.issue(ACME, "title").secret();
        int threads = 5;
        int changes = 20;
        AtOnce.run(IntStream.range(0, threads).<Callable<Integer>>mapToObj(thread -> () -> {
            for (int change = 0; change < changes; change++) {
                Permission added = permission(Action.GET, "lamp-" + thread + "-" + change);
                while (Credentials.unlessContended(apiKeys.changePermissions(ACME, secret, granted -> {
                    List<Permission> changed = new ArrayList<>(granted);
                    changed.add(added);
                    return changed;
                })).isEmpty()) {
                    Thread.onSpinWait();
                }
            }
            return thread;
        }).toList());

        assertThat(get(apiKeys.find(ACME, secret)).granted()).hasSize(threads * changes).doesNotHaveDuplicates();
    }

    @Test
    void revokesADeletedKey() {
        PresentedCredential secret = credentials.issue(ACME, "gone").secret();
        PresentedCredential kept = credentials.issue(ACME, "kept").secret();

        assertThat(get(apiKeys.delete(ACME, secret))).isTrue();
        assertThat(credentials.works(secret)).isFalse();
        assertThat(credentials.works(kept)).isTrue();
        assertThat(titles(ALL, 1, 10)).containsExactly("kept");
        assertThat(get(apiKeys.list(ACME, ALL, new Page.Request(1, 10))).totalCount()).isEqualTo(1);
        assertThat(get(apiKeys.delete(ACME, secret))).isFalse();
    }

    @Test
    void deletesNoKeyOfAnotherAccount() {
        PresentedCredential mine = credentials.issue(ACME, "mine").secret();
        credentials.open(OTHER);

        assertThat(get(apiKeys.delete(OTHER, mine))).isFalse();
        assertThat(get(apiKeys.delete(ACME, masterKey))).isFalse();
        assertThat(get(apiKeys.delete(ACME, UNKNOWN))).isFalse();
        assertThat(credentials.works(mine)).isTrue();
        assertThat(credentials.works(masterKey)).isTrue();
    }

    @Test
    void neverRestoresAKeyThatIsDeletedWhileItIsChanged() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            PresentedCredential secret = credentials.issue(ACME, "title").secret();
            List<Optional<Boolean>> done = AtOnce.run(List.of(
                    () -> find(apiKeys.delete(ACME, secret)),
                    () -> Credentials.unlessContended(apiKeys.overwrite(ACME, secret, "again", List.of()))
                            .map(_ -> true),
                    () -> Credentials.unlessContended(apiKeys.changePermissions(ACME, secret, _ -> List.of()))
                            .map(_ -> true)));

            assertThat(done.getFirst()).contains(true);
            assertThat(credentials.works(secret)).isFalse();
        }
        assertThat(titles(ALL, 1, 10)).isEmpty();
        assertThat(credentials.records()).hasSize(1);
    }

    @Test
    void leavesNoKeyCreatedDuringTheDeletionOfItsAccount() throws Exception {
        for (int round = 0; round < 3 * ROUNDS; round++) {
            AccountId account = new AccountId("account-" + round);
            credentials.open(account);
            PresentedCredential before = credentials.issue(account, "before").secret();
            Callable<Optional<PresentedCredential>> make = () -> Credentials
                    .created(get(apiKeys.create(account, "title", List.of()))).map(ApiKeys.Shown::secret);
            List<Optional<PresentedCredential>> secrets = AtOnce.run(List.of(make, make, () -> {
                assertThat(get(credentials.accounts().delete(account))).isTrue();
                return Optional.of(before);
            }, make));

            assertThat(secrets.stream().flatMap(Optional::stream)).contains(before).noneMatch(credentials::works);
            assertThat(credentials.records()).as("only the master key of another account").hasSize(1);
            assertThat(credentials.everything()).noneMatch(key -> key.contains("{" + account + "}"));
        }
    }

    @Test
    void finishesAnInterruptedDeletion() {
        PresentedCredential secret = credentials.issue(ACME, "title").secret();
        String index = credentials.redis().secretKeys().index("credential", secret.secret());
        assertThat(find(credentials.redis().store().run(commands -> commands.del(CredentialRecords.key(index)))))
                .contains(1L);

        assertThat(get(apiKeys.delete(ACME, secret))).isTrue();
        assertThat(get(apiKeys.delete(ACME, secret))).isFalse();
        assertThat(get(apiKeys.list(ACME, ALL, new Page.Request(1, 10)))).isEqualTo(new Page<>(0, List.of()));
    }

    @Test
    void forgetsInterruptedCreationsButNotThoseInProgress() {
        String list = ListKind.API_KEYS.key(ACME);
        // The clock goes on by a second whenever it is asked.
        double now = credentials.issue(ACME, "kept").key().created().toEpochMilli();
        assertThat(find(credentials.redis().store().run(commands -> commands.zadd(list, now - 1_200_000, "cut-off"))))
                .contains(1L);
        assertThat(find(credentials.redis().store().run(commands -> commands.zadd(list, now, "in-the-making"))))
                .contains(1L);

        assertThat(titles(ALL, 1, 10)).containsExactly("kept");
        assertThat(find(credentials.redis().store().run(commands -> commands.zrange(list, 0, -1)))).get()
                .asInstanceOf(InstanceOfAssertFactories.list(String.class)).hasSize(2).contains("in-the-making")
                .doesNotContain("cut-off");
    }

    @Test
    void leavesNoKeyIfItsAccountIsRecreated() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Callable<Optional<PresentedCredential>> make = () -> Credentials
                    .created(get(apiKeys.create(ACME, "title", List.of()))).map(ApiKeys.Shown::secret);
            List<PresentedCredential> created = AtOnce.run(List.of(make, make, () -> {
                assertThat(get(credentials.accounts().delete(ACME))).isTrue();
                credentials.open(ACME);
                return Optional.empty();
            })).stream().flatMap(Optional::stream).toList();
            List<PresentedCredential> listed = get(apiKeys.list(ACME, ALL, new Page.Request(1, 100))).items().stream()
                    .map(ApiKeys.Shown::secret).toList();

            assertThat(created.stream().filter(credentials::works)).hasSameElementsAs(listed);
            assertThat(credentials.records()).hasSize(1 + listed.size());
        }
    }

    @Test
    void listsEveryDeviceOfAllKeysInOrder() {
        credentials.issue(ACME, "1", permission(Action.GET, "lamp-2"), permission(Action.GET, "fan-1"));
        credentials.issue(ACME, "2", permission(Action.GET, "lamp-1"), permission(Action.PUT, "lamp-2"));
        credentials.open(OTHER);
        credentials.issue(OTHER, "3", permission(Action.GET, "lamp-9"));

        assertThat(get(apiKeys.devices(ACME))).containsExactly(new DeviceId("fan-1"), new DeviceId("lamp-1"),
                new DeviceId("lamp-2"));
    }

    @Test
    void reportsAnUnreadableRecordOfAKey() {
        PresentedCredential secret = credentials.issue(ACME, "title").secret();
        String key = CredentialRecords
                .key(credentials.redis().secretKeys().index("credential", secret.secret()));
        assertThat(find(credentials.redis().store().run(commands -> commands.set(key, "{\"v\":9}")))).contains("OK");

        assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> find(apiKeys.find(ACME, secret)))
                .withMessageContaining(key);
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> find(apiKeys.list(ACME, ALL, new Page.Request(1, 10))));
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> find(apiKeys.overwrite(ACME, secret, "title", List.of())));
    }

    private static List<String> titles(ApiKeys.Filter filter, int page, int perPage) {
        return get(apiKeys.list(ACME, filter, new Page.Request(page, perPage))).items().stream()
                .map(shown -> shown.key().name()).toList();
    }

    private static ApiKeys.Filter title(String start) {
        return new ApiKeys.Filter(Optional.empty(), Optional.empty(), Optional.of(start));
    }

    private static ApiKeys.Filter deviceFilter(String device) {
        return new ApiKeys.Filter(Optional.empty(), Optional.of(new DeviceId(device)), Optional.empty());
    }

    private static ApiKeys.Filter secretFilter(PresentedCredential secret) {
        return new ApiKeys.Filter(Optional.of(secret), Optional.empty(), Optional.empty());
    }

    private static Permission permission(Action action, String device) {
        return new Permission(Set.of(action), List.of(device(device)));
    }

    private static Permission.Resource device(String device) {
        return new Permission.Resource(new DeviceId(device), Optional.empty());
    }

    private static Permission.Resource stream(String device, String stream) {
        return new Permission.Resource(new DeviceId(device), Optional.of(new StreamId(stream)));
    }

    private static void assertSame(ApiKey actual, ApiKey expected) {
        assertThat(CredentialCodec.encode(actual)).isEqualTo(CredentialCodec.encode(expected));
    }
}
