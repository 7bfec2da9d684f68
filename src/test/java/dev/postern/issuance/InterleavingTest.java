package dev.postern.issuance;

import static dev.postern.store.TestRedis.LIMIT;
import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import dev.postern.credential.ApiKey;
import dev.postern.credential.PresentedCredential;
import dev.postern.store.Relay;
import dev.postern.support.Credentials;
import dev.postern.support.OwnsItsGate;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** What happens when one call comes between two steps of another. The steps come in the same order in each run. */
@OwnsItsGate
class InterleavingTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final String WRITES_A_CREDENTIAL = "SET\r\n$62\r\npostern:credential:";
    private static final String DELETES_A_CREDENTIAL = "DEL\r\n$62\r\npostern:credential:";
    private static final String CHANGES_A_RECORD = "redis.call('SET', KEYS[1], ARGV[2])";

    @TempDir
    private static Path folder;
    private static Credentials credentials;

    @BeforeAll
    static void startRedis() {
        credentials = new Credentials(folder);
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
    void aKeyIsRevokedIfItsAccountIsDeletedBeforeItIsStored() throws Exception {
        credentials.open(ACME);
        try (Relay relay = credentials.redis().relay()) {
            Optional<ApiKeys.Creation> creation = between(relay, WRITES_A_CREDENTIAL,
                    credentials.apiKeys(relay).create(ACME, "title", List.of()),
                    () -> assertThat(get(credentials.accounts().delete(ACME))).isTrue());

            assertThat(creation).contains(new ApiKeys.Creation.NoAccount());
            assertThat(credentials.everything()).isEmpty();
        }
    }

    @Test
    void aKeyIsRevokedIfItsAccountIsRecreatedBeforeItIsStored() throws Exception {
        credentials.open(ACME);
        try (Relay relay = credentials.redis().relay()) {
            Optional<ApiKeys.Creation> creation = between(relay, WRITES_A_CREDENTIAL,
                    credentials.apiKeys(relay).create(ACME, "title", List.of()), () -> {
                        assertThat(get(credentials.accounts().delete(ACME))).isTrue();
                        credentials.open(ACME);
                    });

            assertThat(creation).contains(new ApiKeys.Creation.NoAccount());
            assertThat(credentials.records()).as("only the new master key").hasSize(1);
        }
    }

    @Test
    void aKeyIsRevokedIfItIsStoredBeforeItsAccountIsDeleted() throws Exception {
        credentials.open(ACME);
        try (Relay relay = credentials.redis().relay()) {
            ApiKeys.Shown[] made = new ApiKeys.Shown[1];
            Optional<Boolean> deleted = between(relay, CHANGES_A_RECORD, credentials.accounts(relay).delete(ACME),
                    () -> made[0] = credentials.issue(ACME, "title"));

            assertThat(deleted).contains(true);
            assertThat(credentials.works(made[0].secret())).isFalse();
            assertThat(credentials.everything()).isEmpty();
        }
    }

    @Test
    void noKeyIsCreatedWhileItsAccountIsBeingDeleted() throws Exception {
        credentials.open(ACME);
        try (Relay relay = credentials.redis().relay()) {
            Optional<Boolean> deleted = between(relay, DELETES_A_CREDENTIAL, credentials.accounts(relay).delete(ACME),
                    () -> assertThat(get(credentials.apiKeys().create(ACME, "title", List.of())))
                            .isEqualTo(new ApiKeys.Creation.NoAccount()));

            assertThat(deleted).contains(true);
            assertThat(credentials.everything()).isEmpty();
        }
    }

    @Test
    void aMasterKeyIsRevokedIfItsAccountIsDeletedWhileItIsReplaced() throws Exception {
        PresentedCredential before = credentials.open(ACME);
        try (Relay relay = credentials.redis().relay()) {
            Optional<Accounts.AccountWithKey> replaced = between(relay, CHANGES_A_RECORD,
                    credentials.accounts(relay).replaceMasterKey(ACME),
                    () -> assertThat(get(credentials.accounts().delete(ACME))).isTrue());

            assertThat(replaced).isEmpty();
            assertThat(credentials.works(before)).isFalse();
            assertThat(credentials.everything()).isEmpty();
        }
    }

    @Test
    void theLastOfTwoReplacementsOfAMasterKeyWins() throws Exception {
        credentials.open(ACME);
        try (Relay relay = credentials.redis().relay()) {
            PresentedCredential[] first = new PresentedCredential[1];
            Optional<Accounts.AccountWithKey> second = between(relay, CHANGES_A_RECORD,
                    credentials.accounts(relay).replaceMasterKey(ACME),
                    () -> first[0] = get(credentials.accounts().replaceMasterKey(ACME)).masterKey());

            assertThat(credentials.works(first[0])).isFalse();
            assertThat(credentials.works(second.orElseThrow().masterKey())).isTrue();
            assertThat(credentials.records()).hasSize(1);
        }
    }

    @Test
    void anAccountLosesItsMasterKeyBeforeItGetsANewOne() throws Exception {
        PresentedCredential before = credentials.open(ACME);
        try (Relay relay = credentials.redis().relay()) {
            between(relay, WRITES_A_CREDENTIAL, credentials.accounts(relay).replaceMasterKey(ACME),
                    () -> assertThat(credentials.works(before)).isFalse());
        }
    }

    @Test
    void anOvertakenDeletionLeavesNothingOfTheRecreatedAccount() throws Exception {
        credentials.open(ACME);
        credentials.issue(ACME, "before");
        try (Relay relay = credentials.redis().relay()) {
            PresentedCredential[] anew = new PresentedCredential[2];
            Optional<Boolean> deleted = between(relay, DELETES_A_CREDENTIAL, credentials.accounts(relay).delete(ACME),
                    () -> {
                        assertThat(get(credentials.accounts().delete(ACME))).isTrue();
                        anew[0] = credentials.open(ACME);
                        anew[1] = credentials.issue(ACME, "anew").secret();
                    });

            assertThat(deleted).contains(true);
            assertThat(anew).noneMatch(credentials::works);
            assertThat(credentials.everything()).isEmpty();
        }
    }

    @Test
    void anAccountIsListedIfRecreatedWhileItsPredecessorIsUnlisted() throws Exception {
        credentials.open(ACME);
        try (Relay relay = credentials.redis().relay()) {
            Optional<Boolean> deleted = between(relay, "ZREM\r\n$16\r\npostern:accounts",
                    credentials.accounts(relay).delete(ACME), () -> credentials.open(ACME));

            assertThat(deleted).contains(true);
            assertThat(find(credentials.accounts().find(ACME))).isPresent();
            assertThat(get(credentials.accounts().list(new Page.Request(1, 10))).items()).hasSize(1);
        }
    }

    @Test
    void aDeletedKeyStaysDeletedIfChangedMeanwhile() throws Exception {
        credentials.open(ACME);
        PresentedCredential secret = credentials.issue(ACME, "title").secret();
        try (Relay relay = credentials.redis().relay()) {
            Optional<ApiKey> changed = between(relay, CHANGES_A_RECORD,
                    credentials.apiKeys(relay).overwrite(ACME, secret, "again", List.of()),
                    () -> assertThat(get(credentials.apiKeys().delete(ACME, secret))).isTrue());

            assertThat(changed).isEmpty();
            assertThat(credentials.works(secret)).isFalse();
        }
    }

    @Test
    void aChangeOfPermissionsIsRetriedAfterAConflict() throws Exception {
        credentials.open(ACME);
        PresentedCredential secret = credentials.issue(ACME, "title").secret();
        try (Relay relay = credentials.redis().relay()) {
            Optional<ApiKey> changed = between(relay, CHANGES_A_RECORD,
                    credentials.apiKeys(relay).changePermissions(ACME, secret, granted -> granted),
                    () -> get(credentials.apiKeys().overwrite(ACME, secret, "meanwhile", List.of())));

            assertThat(changed).get().extracting(ApiKey::name).isEqualTo("meanwhile");
        }
    }

    interface Meanwhile {
        void happens();
    }

    /** Starts the first call, lets the other happen when the first sends the command, and waits for the first. */
    static <T> Optional<T> between(Relay relay, String command, Mono<T> first, Meanwhile other)
            throws Exception {
        relay.hold(command);
        CompletableFuture<Optional<T>> running = CompletableFuture.supplyAsync(() -> find(first));
        relay.awaitHeld();
        other.happens();
        relay.release();
        return running.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
}
