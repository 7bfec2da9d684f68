package dev.postern.issuance;

import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.Page;
import dev.postern.credential.PresentedCredential;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.Tenancy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Static tokens whose text the operator chose: unlike random ones, the same text may come again. */
@OwnsItsGate
class ChosenTokensTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final AccountId OTHER = new AccountId("other");
    private static final PresentedCredential TEXT = new PresentedCredential("a-text-of-my-own");
    private static final String WRITES_A_CREDENTIAL = "SET\r\n$62\r\npostern:credential:";
    private static final String TAKES_OFF_A_LIST = "return redis.call('ZREM', KEYS[1], ARGV[1])";
    private static final String LIST = "postern:{acme}:static-tokens";

    @TempDir
    private static Path folder;
    @AutoClose
    private static Tenancy tenancy;

    @BeforeAll
    static void startRedis() {
        tenancy = new Tenancy(folder);
    }

    @BeforeEach
    void twoAccounts() {
        tenancy.startOver(ACME, OTHER);
    }

    @Test
    void areRefusedWhileTheyAreInUse() {
        assertThat(create(tenancy.gate(), ACME, "a")).isTrue();
        assertThat(create(tenancy.gate(), ACME, "b")).isFalse();
        assertThat(create(tenancy.gate(), OTHER, "c")).isFalse();
        assertThat(tokens(OTHER)).isEmpty();
        assertThat(Tenancy
                .isMade(tenancy.gate().staticTokens().create(OTHER, "b", Optional.empty(), List.of(), Limits.NONE)))
                .as("the name of what was refused is free").isTrue();
    }

    @Test
    void areListedIfRecreatedWhileTheyAreDeleted() throws Exception {
        assertThat(create(tenancy.gate(), ACME, "a")).isTrue();
        String id = tokens(ACME).getFirst().id();

        tenancy.pass(Duration.ofSeconds(1));
        tenancy.between(TAKES_OFF_A_LIST, gate -> gate.staticTokens().delete(ACME, id).thenReturn(true),
                () -> create(tenancy.gate(), ACME, "a"));

        assertListedIfItWorks();
    }

    @Test
    void areListedIfCreatedTwiceInOneMillisecond() throws Exception {
        tenancy.between(WRITES_A_CREDENTIAL,
                gate -> gate.staticTokens().create(ACME, "a", Optional.of(TEXT.secret()), List.of(), Limits.NONE)
                        .map(_ -> true)
                        .onErrorReturn(ChangeRefusedException.class, false),
                () -> assertThat(create(tenancy.gate(), ACME, "b")).isTrue());

        assertThat(tenancy.gate().works(TEXT)).isTrue();
        assertListedIfItWorks();
    }

    @Test
    void areListedIfRecreatedWhileAnInterruptedCreationIsCleanedUp() throws Exception {
        cutOff();
        tenancy.pass(Duration.ofMinutes(11));

        tenancy.between(TAKES_OFF_A_LIST,
                gate -> gate.staticTokens().list(ACME, CredentialFilter.ALL, new Page.Request(1, 10)),
                () -> assertThat(create(tenancy.gate(), ACME, "a")).isTrue());

        assertListedIfItWorks();
    }

    @Test
    void areNotRevokedWithAnAccountThatFailedToGetThem() throws Exception {
        assertThat(create(tenancy.gate(), OTHER, "a")).isTrue();

        tenancy.between(WRITES_A_CREDENTIAL,
                gate -> gate.staticTokens().create(ACME, "b", Optional.of(TEXT.secret()), List.of(), Limits.NONE)
                        .map(_ -> true)
                        .onErrorReturn(false),
                () -> {
                    assertThat(tokens(ACME)).isEmpty();
                    assertThat(get(tenancy.gate().accounts().delete(ACME))).isTrue();
                });

        assertThat(tenancy.gate().works(TEXT)).isTrue();
        assertThat(tokens(OTHER)).hasSize(1);
    }

    /** A creation that was cut off: the token is in the list, but has no record. */
    private static void cutOff() {
        tenancy.redis().run(commands -> commands.zadd(LIST, (double) tenancy.now().toEpochMilli(),
                tenancy.redis().secretKeys().index("credential", TEXT.secret())));
    }

    /** If the token works, it is in the list, and is deleted with its account. */
    private static void assertListedIfItWorks() {
        if (tenancy.gate().works(TEXT)) {
            assertThat(tokens(ACME)).hasSize(1);
            get(tenancy.gate().accounts().delete(ACME));
            assertThat(tenancy.gate().works(TEXT)).isFalse();
        }
    }

    private static boolean create(Tenancy.Gate gate, AccountId account, String name) {
        return Tenancy
                .isMade(gate.staticTokens().create(account, name, Optional.of(TEXT.secret()), List.of(), Limits.NONE));
    }

    private static List<StaticTokens.Listed> tokens(AccountId account) {
        return get(tenancy.gate().staticTokens().list(account, CredentialFilter.ALL, new Page.Request(1, 10))).items();
    }
}
