package dev.postern.issuance;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.account.Page;
import dev.postern.credential.PresentedCredential;
import dev.postern.support.AtOnce;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.Tenancy;
import java.nio.file.Path;
import java.text.Normalizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** A name belongs to one token, whatever is done at the same time, and to none after the token is deleted. */
@OwnsItsGate
class TokenNameRacesTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final AccountId OTHER = new AccountId("other");
    private static final String GIVES_UP_A_NAME = "return redis.call('DEL', KEYS[1])";
    /** The gate does not send this command by itself when it follows the log. */
    private static final String COMPARES_AND_SETS = "redis.call('SET', KEYS[1], ARGV[2])";
    private static final String UNLISTS = "redis.call('ZREM', KEYS[1], ARGV[1])";
    private static final String WRITES_A_RECORD = "SET\r\n$62\r\npostern:credential:";
    private static final String TEXT = "a-text-of-my-own";

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
    void aNameIsTheSameInEveryNormalizationForm() {
        String id = create("caf\u00e9");

        assertThat(rename(tenancy.gate(), id, "cafe\u0301")).isTrue();
        assertThat(isFree("caf\u00e9")).as("before it is written as it was").isFalse();
        assertThat(rename(tenancy.gate(), id, "caf\u00e9")).isTrue();
        assertThat(isFree("cafe\u0301")).isFalse();
        assertThat(rename(tenancy.gate(), id, "tea")).isTrue();
        assertThat(isFree("caf\u00e9")).as("when the token has another").isTrue();
    }

    @Test
    void aTokenKeepsANameThatItRegainsMeanwhile() throws Exception {
        String id = create("a");

        tenancy.between(GIVES_UP_A_NAME, gate -> changed(gate, id, "b"),
                () -> assertThat(rename(tenancy.gate(), id, "a")).isTrue());

        assertNamesAreHeld(id);
    }

    @Test
    void aTokenHoldsItsNameAfterARenameAndAConcurrentChange() throws Exception {
        String id = create("a");

        tenancy.between(COMPARES_AND_SETS, gate -> changed(gate, id, "a"),
                () -> assertThat(rename(tenancy.gate(), id, "b")).isTrue());

        assertNamesAreHeld(id);
    }

    @Test
    void aTokenKeepsItsNameIfRecreatedWhileItIsDeleted() throws Exception {
        String id = create("a", TEXT);

        tenancy.between(GIVES_UP_A_NAME,
                gate -> gate.staticTokens().delete(ACME, id).thenReturn(true),
                () -> find(Mono.defer(() -> tenancy.gate().staticTokens().create(ACME, "a",
                        Optional.of(TEXT), List.of(), Limits.NONE))
                        .onErrorResume(ChangeRefusedException.class, _ -> Mono.empty())));

        if (tenancy.gate().works(new PresentedCredential(TEXT))) {
            assertThat(isFree("a")).isFalse();
        }
    }

    @Test
    void aTokenKeepsANameThatAnotherCallGaveItAndTookAwayMeanwhile() throws Exception {
        String id = create("a");

        try (Tenancy.Paused<Boolean> renaming = tenancy.pause(COMPARES_AND_SETS, gate -> changed(gate, id, "c"))) {
            assertThat(rename(tenancy.gate(), id, "c")).isTrue();
            try (Tenancy.Paused<Boolean> takingAway = tenancy.pause(GIVES_UP_A_NAME, gate -> changed(gate, id, "a"))) {
                assertThat(renaming.finish()).contains(true);
                assertThat(takingAway.finish()).contains(true);
            }
        }

        assertThat(name(id)).isEqualTo("c");
        assertNamesAreHeld(id);
        assertThat(isFree("a")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {GIVES_UP_A_NAME, UNLISTS})
    void aRecreatedTokenKeepsItsNameWhileItsPredecessorIsDeleted(String deletionWaitsAt) throws Exception {
        String id = create("a", TEXT);

        assertThat(recreatedWhileDeleted(id, deletionWaitsAt, () -> {})).isTrue();

        assertThat(name(id)).isEqualTo("c");
        assertNamesAreHeld(id);
    }

    @Test
    void aTokenIsNotRecreatedWithANameThatAnotherTokenGotMeanwhile() throws Exception {
        String id = create("a", TEXT);

        assertThat(recreatedWhileDeleted(id, UNLISTS, () -> assertThat(Tenancy.isMade(
                tenancy.gate().staticTokens().create(OTHER, "c", Optional.empty(), List.of(), Limits.NONE)))
                .isTrue())).isFalse();

        assertThat(tenancy.gate().works(new PresentedCredential(TEXT))).isFalse();
        assertThat(tokens()).isEmpty();
        assertThat(isFree("c")).isFalse();
    }

    /**
     * Creates a token with the name c and the text of another token. That other token is renamed to c and deleted after
     * the creation has reserved the name, and before it writes the record. Returns whether the token was created.
     */
    private static boolean recreatedWhileDeleted(String id, String deletionWaitsAt, Tenancy.Meanwhile then)
            throws Exception {
        // A deletion does not unlist a younger token.
        tenancy.pass(Duration.ofSeconds(1));
        try (Tenancy.Paused<Boolean> creating = tenancy.pause(WRITES_A_RECORD,
                gate -> gate.staticTokens().create(ACME, "c", Optional.of(TEXT), List.of(), Limits.NONE)
                        .map(_ -> true).onErrorResume(ChangeRefusedException.class, refused -> {
                            assertThat(refused.why()).isEqualTo(ChangeRefusedException.Why.NAME_TAKEN);
                            return Mono.just(false);
                        }))) {
            assertThat(rename(tenancy.gate(), id, "c")).isTrue();
            try (Tenancy.Paused<Boolean> deleting = tenancy.pause(deletionWaitsAt,
                    gate -> gate.staticTokens().delete(ACME, id).thenReturn(true))) {
                then.happens();
                boolean created = creating.finish().orElseThrow();
                assertThat(deleting.finish()).contains(true);
                return created;
            }
        }
    }

    @Test
    void aTokenWhoseRecordHasNoMarkReleasesItsName() {
        String renamed = create("a");
        String deleted = create("b");
        for (String key : tenancy.redis().run(commands -> commands.keys("postern:credential:*"))) {
            String record = tenancy.redis().run(commands -> commands.get(key));
            tenancy.redis().run(
                    commands -> commands.set(key, record.replaceFirst(",\"name_mark\":\"[^\"]+\"", "")));
        }

        assertThat(rename(tenancy.gate(), renamed, "c")).isTrue();
        delete(deleted);

        assertThat(isFree("a")).isTrue();
        assertThat(isFree("b")).isTrue();
        assertNamesAreHeld(renamed);
    }

    @Test
    void theNameOfADeletedTokenIsFree() {
        String id = create("a");
        assertThat(isFree("a")).isFalse();

        get(tenancy.gate().staticTokens().delete(ACME, id).thenReturn(true));

        assertThat(isFree("a")).isTrue();
    }

    @Test
    void theNamesOfADeletedAccountAreFree() {
        create("a");

        get(tenancy.gate().accounts().delete(ACME));

        assertThat(isFree("a")).isTrue();
    }

    @Test
    void aReservedButUnusedNameIsFreeAfterTenMinutes() throws Exception {
        tenancy.between(WRITES_A_RECORD,
                gate -> gate.staticTokens().create(ACME, "a", Optional.empty(), List.of(), Limits.NONE).map(_ -> true)
                        .onErrorReturn(false),
                () -> {
                    assertThat(isFree("a")).isFalse();
                    tenancy.pass(Duration.ofMinutes(11));
                    assertThat(isFree("a")).isTrue();
                });
    }

    @Test
    void onlyOneOfManyGetsAName() throws Exception {
        for (int round = 0; round < 20; round++) {
            String name = "name " + round;
            assertThat(AtOnce.run(6, () -> Tenancy.isMade(
                    tenancy.gate().staticTokens().create(ACME, name, Optional.empty(), List.of(), Limits.NONE))))
                    .containsOnlyOnce(true);
        }
    }

    /** Creations, renamings and deletions at two gates at once, in a random order. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void noTwoTokensHaveTheSameNameUnderConcurrency(long seed) throws Exception {
        Random random = new Random(seed);
        List<String> names = List.of("a", "b", "c", "caf\u00e9", "cafe\u0301");
        Tenancy.Gate other = tenancy.gate(tenancy.redis().store());
        for (int round = 0; round < 12; round++) {
            List<String> ids = tokens().stream().map(StaticTokens.Listed::id).toList();
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                StaticTokens tokens = (random.nextBoolean() ? tenancy.gate() : other).staticTokens();
                String name = names.get(random.nextInt(names.size()));
                String id = ids.isEmpty() ? "none" : ids.get(random.nextInt(ids.size()));
                Optional<String> text = Optional.of("a-text-of-my-own-" + random.nextInt(4));
                Mono<?> call = switch (random.nextInt(4)) {
                    case 0, 1 -> tokens.create(ACME, name, text, List.of(), Limits.NONE);
                    case 2 -> tokens.replace(ACME, id, name, true, List.of(), limits -> limits);
                    default -> tokens.delete(ACME, id);
                };
                tasks.add(() -> Tenancy.isMade(
                        call.onErrorResume(ConcurrentChangeException.class, _ -> Mono.empty())));
            }
            AtOnce.run(tasks);
            List<String> taken = tokens().stream()
                    .map(token -> Normalizer.normalize(token.token().name(), Normalizer.Form.NFC)).toList();
            assertThat(taken).doesNotHaveDuplicates();
            long alive = IntStream.range(0, 4)
                    .filter(i -> tenancy.gate().works(new PresentedCredential("a-text-of-my-own-" + i))).count();
            assertThat(alive).as("tokens that work are listed").isEqualTo(taken.size());
            // After ten minutes, the names of creations that were cut short are free again, and the names of tokens are
            // not.
            tenancy.pass(Duration.ofMinutes(11));
            for (String name : Set.of("a", "b", "c", "caf\u00e9")) {
                assertThat(isFree(name)).as(name).isEqualTo(!taken.contains(name));
            }
        }
    }

    private static List<StaticTokens.Listed> tokens() {
        return get(tenancy.gate().staticTokens().list(ACME, CredentialFilter.ALL, new Page.Request(1, 100))).items();
    }

    /** Nobody else may take the name that the token has now, not even later. */
    private static void assertNamesAreHeld(String id) {
        String name = name(id);
        assertThat(isFree(name)).as(name).isFalse();
        tenancy.pass(Duration.ofMinutes(11));
        assertThat(isFree(name)).as(name + ", later").isFalse();
    }

    private static String name(String id) {
        return get(tenancy.gate().staticTokens().require(ACME, id)).token().name();
    }

    private static void delete(String id) {
        get(tenancy.gate().staticTokens().delete(ACME, id).thenReturn(true));
    }

    private static String create(String name) {
        return get(tenancy.gate().staticTokens().create(ACME, name, Optional.empty(), List.of(), Limits.NONE)).listed()
                .id();
    }

    private static String create(String name, String text) {
        return get(tenancy.gate().staticTokens().create(ACME, name, Optional.of(text), List.of(), Limits.NONE)).listed()
                .id();
    }

    private static Mono<Boolean> changed(Tenancy.Gate gate, String id, String name) {
        return gate.staticTokens().replace(ACME, id, name, true, List.of(), limits -> limits).map(_ -> true)
                .onErrorResume(ChangeRefusedException.class, _ -> Mono.just(false));
    }

    private static boolean rename(Tenancy.Gate gate, String id, String name) {
        return get(changed(gate, id, name));
    }

    /** Whether another account could have the name; it does not keep it. */
    private static boolean isFree(String name) {
        return find(tenancy.gate().staticTokens().create(OTHER, name, Optional.empty(), List.of(), Limits.NONE)
                .flatMap(made -> tenancy.gate().staticTokens().delete(OTHER, made.listed().id()).thenReturn(true))
                .onErrorResume(ChangeRefusedException.class, _ -> Mono.just(false))).orElseThrow();
    }
}
