package dev.postern.issuance;

import static dev.postern.issuance.InterleavingTest.between;
import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.access.Limits;
import dev.postern.credential.Application;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.RuleJson;
import dev.postern.issuance.Terminals.Authorization;
import dev.postern.issuance.Terminals.Authorization.Authorized;
import dev.postern.store.RedisStore;
import dev.postern.store.Relay;
import dev.postern.store.TestRedis;
import dev.postern.support.AmpleStorage;
import dev.postern.support.Credentials;
import dev.postern.support.OwnsItsGate;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of tokens when one call comes between two steps of another. The steps come in the same order in each
 * run.
 */
@OwnsItsGate
class TokenInterleavingTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final DeviceId LAMP = new DeviceId("lamp7");
    private static final String WRITES_A_CREDENTIAL = "SET\r\n$62\r\npostern:credential:";
    private static final String DELETES_A_CREDENTIAL = "DEL\r\n$62\r\npostern:credential:";
    private static final String LOOKS_FOR_TERMINALS = "HSCAN\r\n";
    /** The records of tokens expire by the clock of Redis. */
    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir
    private static Path folder;
    private static TestRedis redis;
    private static AccessTokens tokens;
    private static Applications applications;
    private static Terminals terminals;

    @BeforeAll
    static void startRedis() {
        redis = TestRedis.start(folder);
        tokens = tokens(redis.store());
        applications = new Applications(redis.store(), AmpleStorage.lists(redis.store()), redis.secretKeys(), CLOCK,
                Credentials.SETTINGS);
        terminals = terminals(redis.store());
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void startAnew() {
        redis.clear();
        get(new Accounts(redis.store(), redis.secretKeys(), CLOCK, AmpleStorage.parts(redis.store())).create(ACME,
                "Acme"));
    }

    private static AccessTokens tokens(RedisStore store) {
        return new AccessTokens(store, redis.secretKeys(), CLOCK, Credentials.SETTINGS, List::of);
    }

    private static Terminals terminals(RedisStore store) {
        return new Terminals(store, AmpleStorage.of(store), redis.secretKeys(),
                new Applications(store, AmpleStorage.lists(store), redis.secretKeys(), CLOCK, Credentials.SETTINGS),
                CLOCK,
                Credentials.SETTINGS);
    }

    @Test
    void aTerminalGetsNoTokenIfItsAuthcodeIsDeletedBeforeItIsStored() throws Exception {
        Applications.Issued application = create(Application.Platform.HARDWARE);
        PresentedCredential code = authcode(application);
        try (Relay relay = redis.relay()) {
            Optional<Authorization> outcome = between(relay, WRITES_A_CREDENTIAL,
                    terminals(relay.store()).authorize(key(application), LAMP, Optional.of(code), null),
                    () -> delete(application, code));

            assertThat(outcome).contains(new Authorization.AuthcodeUnknown());
            assertThat(tokenRecords()).isZero();
        }
    }

    @Test
    void aTerminalGetsNoTokenOnceItsAuthcodeIsBeingDeleted() throws Exception {
        Applications.Issued application = create(Application.Platform.HARDWARE);
        PresentedCredential code = authcode(application);
        PresentedCredential before = authorize(application, code).token();
        try (Relay relay = redis.relay()) {
            between(relay, DELETES_A_CREDENTIAL,
                    terminals(relay.store()).deleteAuthcode(ACME, application.listed().id(), code),
                    () -> assertThat(get(terminals.authorize(key(application), LAMP, Optional.of(code), null)))
                            .isEqualTo(new Authorization.AuthcodeUnknown()));

            assertThat(isLive(before)).isFalse();
            assertThat(tokenRecords()).isZero();
        }
    }

    @Test
    void aTokenIsRevokedWithItsAuthcodeThoughItsTerminalPresentsAnotherMeanwhile() throws Exception {
        Applications.Issued application = create(Application.Platform.HARDWARE);
        PresentedCredential code = authcode(application);
        PresentedCredential other = authcode(application);
        PresentedCredential before = authorize(application, code).token();
        try (Relay relay = redis.relay()) {
            PresentedCredential[] after = new PresentedCredential[1];
            between(relay, LOOKS_FOR_TERMINALS,
                    terminals(relay.store()).deleteAuthcode(ACME, application.listed().id(), code),
                    () -> after[0] = authorize(application, other).token());

            assertThat(isLive(before)).isFalse();
            assertThat(isLive(after[0])).isTrue();
            assertThat(tokenRecords()).isEqualTo(1);
        }
    }

    @Test
    void aTerminalLearnsThatItsApplicationIsDeletedMeanwhile() throws Exception {
        Applications.Issued application = create(Application.Platform.SOFTWARE);
        try (Relay relay = redis.relay()) {
            Optional<Authorization> outcome = between(relay, WRITES_A_CREDENTIAL,
                    terminals(relay.store()).authorize(key(application), LAMP, Optional.empty(), null),
                    () -> find(applications.delete(ACME, application.listed().id())));

            assertThat(outcome).contains(new Authorization.ApplicationUnknown());
            assertThat(tokenRecords()).isZero();
        }
    }

    @Test
    void aTerminalWhoseTokenIsRevokedAndReplacedMeanwhileGetsTheNewOne() throws Exception {
        Applications.Issued application = create(Application.Platform.SOFTWARE);
        PresentedCredential before = authorize(application).token();
        Applications.Client client = get(applications.authenticate(key(application), application.secret(), null));
        try (Relay relay = redis.relay()) {
            PresentedCredential[] after = new PresentedCredential[1];
            Optional<Authorization> outcome = between(relay, "HGET\r\n",
                    terminals(relay.store()).authorize(key(application), LAMP, Optional.empty(), null), () -> {
                        find(tokens.revoke(client, before));
                        after[0] = authorize(application).token();
                    });

            assertThat(outcome.orElseThrow()).isInstanceOfSatisfying(Authorized.class,
                    authorized -> assertThat(authorized.token()).isEqualTo(after[0]));
            assertThat(isLive(before)).isFalse();
            assertThat(isLive(after[0])).isTrue();
        }
    }

    @Test
    void aTokenOvertakenByAHundredOthersIsNotOneTooMany() throws Exception {
        Applications.Issued application = create(Application.Platform.SOFTWARE);
        Applications.Client client = get(applications.authenticate(key(application), application.secret(), null));
        try (Relay relay = redis.relay()) {
            List<PresentedCredential> all = new ArrayList<>();
            Optional<AccessTokens.Issued> first = between(relay, WRITES_A_CREDENTIAL,
                    tokens(relay.store()).issue(client, Optional.empty()), () -> {
                        for (int i = 0; i < AccessTokens.MAX_LIVE; i++) {
                            all.add(get(tokens.issue(client, Optional.empty())).text());
                        }
                    });

            all.add(first.orElseThrow().text());
            assertThat(all.stream().filter(TokenInterleavingTest::isLive)).hasSize(AccessTokens.MAX_LIVE);
        }
    }

    private static Applications.Issued create(Application.Platform platform) {
        return get(applications.create(ACME, "of a test", platform, RuleJson.everything(), Limits.NONE));
    }

    private static String key(Applications.Issued application) {
        return application.listed().key().secret();
    }

    private static PresentedCredential authcode(Applications.Issued application) {
        return get(terminals.addAuthcodes(ACME, application.listed().id(), 1, 5, Optional.empty())).getFirst().code();
    }

    private static void delete(Applications.Issued application, PresentedCredential code) {
        assertThat(get(terminals.deleteAuthcode(ACME, application.listed().id(), code))).isTrue();
    }

    private static Authorized authorize(Applications.Issued application, PresentedCredential... code) {
        return (Authorized) get(terminals.authorize(key(application), LAMP,
                code.length == 0 ? Optional.empty() : Optional.of(code[0]), null));
    }

    private static boolean isLive(PresentedCredential token) {
        return find(tokens.findLive(ACME, token)).isPresent();
    }

    /** How many records of access tokens there are, whether or not a list has them. */
    private static long tokenRecords() {
        return redis.run(commands -> commands.keys("postern:credential:*")).stream()
                .filter(key -> get(redis.store().run(commands -> commands.get(key))).contains("\"access-token\""))
                .count();
    }
}
