package dev.postern.issuance;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.access.AccountId;
import dev.postern.account.AccountRecord;
import dev.postern.account.Page;
import dev.postern.authentication.Authentication;
import dev.postern.credential.MasterKey;
import dev.postern.credential.PresentedCredential;
import dev.postern.store.UnreadableRecordException;
import dev.postern.support.AtOnce;
import dev.postern.support.Credentials;
import dev.postern.support.OwnsItsGate;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OwnsItsGate
class AccountsTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final AccountId OTHER = new AccountId("other");
    private static final int ROUNDS = 30;

    @TempDir
    private static Path folder;
    private static Credentials credentials;
    private static Accounts accounts;

    @BeforeAll
    static void startRedis() {
        credentials = new Credentials(folder);
        accounts = credentials.accounts();
    }

    @AfterAll
    static void stopRedis() {
        credentials.close();
    }

    @BeforeEach
    void forgetEverything() {
        credentials.redis().clear();
    }

    @Test
    void createsAnAccountWithAMasterKey() {
        Accounts.AccountWithKey issued = get(accounts.create(ACME, "Acme \"Lamps\""));

        assertThat(issued.account().id()).isEqualTo(ACME);
        assertThat(issued.account().name()).isEqualTo("Acme \"Lamps\"");
        assertThat(issued.account().created()).isAfterOrEqualTo(Credentials.START);
        assertThat(issued.masterKey().secret()).matches("[A-Za-z0-9=]{28}");
        assertThat(find(accounts.find(ACME))).contains(issued.account());
        assertThat(credentials.authenticate(issued.masterKey())).isInstanceOfSatisfying(Authentication.Verified.class,
                verified -> assertThat(verified.credential()).isEqualTo(new MasterKey(ACME)));
    }

    @Test
    void doesNotCreateAnAccountTwice() {
        Accounts.AccountWithKey first = get(accounts.create(ACME, "first"));

        assertThat(find(accounts.create(ACME, "second"))).isEmpty();
        assertThat(find(accounts.find(ACME))).contains(first.account());
        assertThat(credentials.works(first.masterKey())).isTrue();
        assertThat(credentials.records()).hasSize(1);
    }

    @Test
    void createsAnAccountOnceUnderConcurrency() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            AccountId id = new AccountId("acme-" + round);
            List<Accounts.AccountWithKey> issued = AtOnce.run(4, () -> find(accounts.create(id, "name"))).stream()
                    .flatMap(Optional::stream).toList();

            assertThat(issued).singleElement()
                    .satisfies(only -> assertThat(credentials.works(only.masterKey())).isTrue());
            assertThat(credentials.records()).hasSize(round + 1);
        }
    }

    @Test
    void findsNoMissingAccount() {
        assertThat(find(accounts.find(ACME))).isEmpty();
    }

    @Test
    void listsAccountsInTheOrderOfTheirIds() {
        for (String id : List.of("d", "a", "e", "c", "b")) {
            credentials.open(new AccountId(id));
        }

        assertThat(ids(1, 2)).containsExactly("a", "b");
        assertThat(ids(2, 2)).containsExactly("c", "d");
        assertThat(ids(3, 2)).containsExactly("e");
        assertThat(ids(4, 2)).isEmpty();
        assertThat(ids(1, 100)).containsExactly("a", "b", "c", "d", "e");
        assertThat(get(accounts.list(new Page.Request(3, 2))).totalCount()).isEqualTo(5);
        assertThat(get(accounts.list(new Page.Request(1, 100))).items())
                .contains(get(accounts.find(new AccountId("c"))));
    }

    @Test
    void listsNothingIfThereAreNoAccounts() {
        assertThat(get(accounts.list(new Page.Request(1, 10)))).isEqualTo(new Page<>(0, List.of()));
    }

    @Test
    void doesNotListADeletedAccount() {
        credentials.open(ACME);
        credentials.open(OTHER);
        get(accounts.delete(ACME));

        assertThat(ids(1, 10)).containsExactly("other");
        assertThat(get(accounts.list(new Page.Request(1, 10))).totalCount()).isEqualTo(1);
    }

    @Test
    void revokesTheMasterKeyThatItReplaces() {
        PresentedCredential before = credentials.open(ACME);
        PresentedCredential others = credentials.open(OTHER);
        Accounts.AccountWithKey replaced = get(accounts.replaceMasterKey(ACME));

        assertThat(replaced.account()).isEqualTo(get(accounts.find(ACME)));
        assertThat(replaced.masterKey()).isNotEqualTo(before);
        assertThat(credentials.works(before)).isFalse();
        assertThat(credentials.works(replaced.masterKey())).isTrue();
        assertThat(credentials.works(others)).isTrue();
        assertThat(credentials.records()).hasSize(2);
    }

    @Test
    void keepsApiKeysWhenItReplacesTheMasterKey() {
        credentials.open(ACME);
        PresentedCredential apiKey = credentials.issue(ACME, "key").secret();
        get(accounts.replaceMasterKey(ACME));

        assertThat(credentials.works(apiKey)).isTrue();
    }

    @Test
    void replacesNoMasterKeyOfAMissingAccount() {
        assertThat(find(accounts.replaceMasterKey(ACME))).isEmpty();
        assertThat(credentials.everything()).isEmpty();
    }

    @Test
    void leavesOneMasterKeyAfterConcurrentReplacements() throws Exception {
        PresentedCredential first = credentials.open(ACME);
        for (int round = 0; round < ROUNDS; round++) {
            List<Optional<Accounts.AccountWithKey>> issued = AtOnce.run(4,
                    () -> Credentials.unlessContended(accounts.replaceMasterKey(ACME)));

            assertThat(issued.stream().flatMap(Optional::stream)
                    .filter(replaced -> credentials.works(replaced.masterKey()))).hasSize(1);
            assertThat(credentials.records()).hasSize(1);
        }
        assertThat(credentials.works(first)).isFalse();
    }

    @Test
    void revokesEveryKeyOfADeletedAccount() {
        PresentedCredential masterKey = credentials.open(ACME);
        // More than are deleted at a time.
        List<PresentedCredential> apiKeys = IntStream.range(0, 205)
                .mapToObj(i -> credentials.issue(ACME, "key " + i).secret()).toList();

        assertThat(get(accounts.delete(ACME))).isTrue();
        assertThat(credentials.works(masterKey)).isFalse();
        assertThat(apiKeys).noneMatch(credentials::works);
        assertThat(find(accounts.find(ACME))).isEmpty();
        assertThat(credentials.everything()).isEmpty();
    }

    @Test
    void leavesOtherAccountsAloneWhenItDeletesOne() {
        credentials.open(ACME);
        PresentedCredential masterKey = credentials.open(OTHER);
        PresentedCredential apiKey = credentials.issue(OTHER, "key").secret();
        get(accounts.delete(ACME));

        assertThat(credentials.works(masterKey)).isTrue();
        assertThat(credentials.works(apiKey)).isTrue();
    }

    @Test
    void deletesNoMissingAccount() {
        assertThat(get(accounts.delete(ACME))).isFalse();
        credentials.open(ACME);
        assertThat(get(accounts.delete(ACME))).isTrue();
        assertThat(get(accounts.delete(ACME))).isFalse();
    }

    @Test
    void recreatesADeletedAccount() {
        PresentedCredential before = credentials.open(ACME);
        PresentedCredential apiKey = credentials.issue(ACME, "key").secret();
        get(accounts.delete(ACME));
        PresentedCredential now = credentials.open(ACME);

        assertThat(credentials.works(before)).isFalse();
        assertThat(credentials.works(apiKey)).isFalse();
        assertThat(credentials.works(now)).isTrue();
    }

    @Test
    void finishesAnInterruptedDeletion() {
        credentials.open(ACME);
        PresentedCredential apiKey = credentials.issue(ACME, "key").secret();
        String key = AccountRecord.key(ACME);
        AccountRecord present = AccountRecord.decode(key, credentials.redis().run(commands -> commands.get(key)));
        String cutOff = present.beingDeleted().encode();
        assertThat(find(credentials.redis().store().run(commands -> commands.set(key, cutOff)))).contains("OK");

        assertThat(find(accounts.replaceMasterKey(ACME))).isEmpty();
        assertThat(get(credentials.apiKeys().create(ACME, "late", List.of())))
                .isEqualTo(new ApiKeys.Creation.NoAccount());
        assertThat(find(accounts.create(ACME, "again"))).isEmpty();
        assertThat(get(accounts.delete(ACME))).isTrue();
        assertThat(credentials.works(apiKey)).isFalse();
        assertThat(credentials.everything()).isEmpty();
    }

    @Test
    void deletesOnceUnderConcurrency() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            PresentedCredential masterKey = credentials.open(ACME);
            PresentedCredential apiKey = credentials.issue(ACME, "key").secret();
            List<Optional<Boolean>> deleted = AtOnce.run(3,
                    () -> Credentials.unlessContended(accounts.delete(ACME)));

            assertThat(deleted).contains(Optional.of(true));
            assertThat(credentials.works(masterKey)).isFalse();
            assertThat(credentials.works(apiKey)).isFalse();
            assertThat(credentials.everything()).isEmpty();
        }
    }

    @Test
    void leavesNoMasterKeyIfItIsReplacedDuringTheDeletion() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            PresentedCredential before = credentials.open(ACME);
            List<Optional<PresentedCredential>> after = AtOnce.run(List.of(
                    () -> Credentials.unlessContended(accounts.replaceMasterKey(ACME))
                            .map(Accounts.AccountWithKey::masterKey),
                    () -> Credentials.unlessContended(accounts.delete(ACME)).map(deleted -> {
                        assertThat(deleted).isTrue();
                        return before;
                    })));

            assertThat(after.stream().flatMap(Optional::stream)).contains(before).noneMatch(credentials::works);
            assertThat(credentials.everything()).isEmpty();
        }
    }

    @Test
    void leavesAWholeAccountOrNoneAfterConcurrentCreationAndDeletion() throws Exception {
        for (int round = 0; round < 3 * ROUNDS; round++) {
            credentials.open(ACME);
            credentials.issue(ACME, "key");
            Callable<Optional<PresentedCredential>> make = () -> find(accounts.create(ACME, "anew"))
                    .map(Accounts.AccountWithKey::masterKey);
            Callable<Optional<PresentedCredential>> delete = () -> {
                var _ = Credentials.unlessContended(accounts.delete(ACME));
                return Optional.empty();
            };
            List<PresentedCredential> made = AtOnce.run(List.of(delete, make, delete, make)).stream()
                    .flatMap(Optional::stream).toList();

            if (find(accounts.find(ACME)).isPresent()) {
                assertThat(ids(1, 10)).containsExactly("acme");
                assertThat(made.stream().filter(credentials::works)).hasSize(1);
                assertThat(credentials.records()).hasSize(1);
                assertThat(get(accounts.delete(ACME))).isTrue();
            } else {
                assertThat(made).noneMatch(credentials::works);
            }
            assertThat(credentials.records()).isEmpty();
            assertThat(get(accounts.delete(ACME))).isFalse();
            assertThat(credentials.everything()).isEmpty();
        }
    }

    @Test
    void removesMissingAccountsFromTheList() {
        assertThat(find(credentials.redis().store().run(commands -> commands.zadd(AccountRecord.ALL, 0, "acme"))))
                .contains(1L);
        assertThat(get(accounts.delete(ACME))).isFalse();
        assertThat(credentials.everything()).isEmpty();
    }

    @Test
    void reportsAnUnreadableRecordOfAnAccount() {
        String key = AccountRecord.key(ACME);
        assertThat(find(credentials.redis().store().run(commands -> commands.set(key, "s3cret")))).contains("OK");

        assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> find(accounts.find(ACME)))
                .withMessageContaining(key)
                .satisfies(failure -> assertThat(failure).hasMessageNotContaining("s3cret"));
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> find(accounts.replaceMasterKey(ACME)));
        assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> find(accounts.delete(ACME)));
    }

    @Test
    void storesTheCreationTimeToTheMillisecond() {
        Instant created = get(accounts.create(ACME, "name")).account().created();

        assertThat(get(accounts.find(ACME)).created()).isEqualTo(created);
        assertThat(get(accounts.replaceMasterKey(ACME)).account().created()).isEqualTo(created);
    }

    private static List<String> ids(int page, int perPage) {
        return get(accounts.list(new Page.Request(page, perPage))).items().stream()
                .map(account -> account.id().value()).toList();
    }
}
