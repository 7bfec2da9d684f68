package dev.postern.credential;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** A name is of one token, whatever is done at the same time, and nobody's when its token is gone. */
class TokenNameRacesTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final AccountId OTHER = new AccountId("other");
    private static final String GIVES_UP_A_NAME = "that gives it up";

    @TempDir
    private static Path folder;
    private static Tenancy tenancy;

    @BeforeAll
    static void startRedis() {
        tenancy = new Tenancy(folder);
    }

    @AfterAll
    static void stopRedis() {
        tenancy.close();
    }

    @BeforeEach
    void twoAccounts() {
        tenancy.clear();
        tenancy.open(ACME);
        tenancy.open(OTHER);
    }

    @Test
    void aTokenKeepsItsNameThatIsWrittenInAnotherForm() {
        String id = create("caf\u00e9");

        assertThat(rename(tenancy.gate(), id, "cafe\u0301")).isTrue();
        assertThat(isFree("caf\u00e9")).as("before it is written as it was").isFalse();
        assertThat(rename(tenancy.gate(), id, "caf\u00e9")).isTrue();
        assertThat(isFree("cafe\u0301")).isFalse();
        assertThat(rename(tenancy.gate(), id, "tea")).isTrue();
        assertThat(isFree("caf\u00e9")).as("when the token has another").isTrue();
    }

    @Test
    void aTokenKeepsANameThatItGotBackMeanwhile() throws Exception {
        String id = create("a");

        tenancy.between(GIVES_UP_A_NAME, gate -> changed(gate, id, "b"),
                () -> assertThat(rename(tenancy.gate(), id, "a")).isTrue());

        assertNamesAreHeld(id);
    }

    @Test
    void aTokenHasTheNameThatAChangeBesidesARenameWrites() throws Exception {
        String id = create("a");

        tenancy.between("EVAL\r\n", gate -> changed(gate, id, "a"),
                () -> assertThat(rename(tenancy.gate(), id, "b")).isTrue());

        assertNamesAreHeld(id);
    }

    @Test
    void aTokenKeepsItsNameThatIsMadeAnewWhileItIsDeleted() throws Exception {
        String id = create("a", "a-text-of-my-own");

        tenancy.between(GIVES_UP_A_NAME,
                gate -> gate.staticTokens().delete(ACME, id).thenReturn(true),
                () -> find(Mono.defer(() -> tenancy.gate().staticTokens().create(ACME, "a",
                        Optional.of("a-text-of-my-own"), List.of()))
                        .onErrorResume(ChangeRefusedException.class, _ -> Mono.empty())));

        if (tenancy.gate().works(new PresentedCredential("a-text-of-my-own"))) {
            assertThat(isFree("a")).isFalse();
        }
    }

    @Test
    void aNameIsFreeOfATokenThatIsGone() {
        String id = create("a");
        assertThat(isFree("a")).isFalse();

        get(tenancy.gate().staticTokens().delete(ACME, id).thenReturn(true));

        assertThat(isFree("a")).isTrue();
    }

    @Test
    void aNameIsFreeOfAnAccountThatIsGone() {
        create("a");

        get(tenancy.gate().accounts().delete(ACME));

        assertThat(isFree("a")).isTrue();
    }

    @Test
    void aNameIsFreeAfterTenMinutesThatWasReservedAndNotUsed() throws Exception {
        tenancy.between("SET\r\n$62\r\npostern:credential:",
                gate -> gate.staticTokens().create(ACME, "a", Optional.empty(), List.of()).map(_ -> true)
                        .onErrorReturn(false),
                () -> {
                    assertThat(isFree("a")).isFalse();
                    tenancy.pass(Duration.ofMinutes(11));
                    assertThat(isFree("a")).isTrue();
                });
    }

    @Test
    void oneOfManyGetsTheName() throws Exception {
        for (int round = 0; round < 20; round++) {
            String name = "name " + round;
            assertThat(AtOnce.run(6, () -> Tenancy.isMade(
                    tenancy.gate().staticTokens().create(ACME, name, Optional.empty(), List.of()))))
                    .containsOnlyOnce(true);
        }
    }

    /** Whatever names its tokens came to have, nobody else may take them. */
    private static void assertNamesAreHeld(String id) {
        String name = get(tenancy.gate().staticTokens().require(ACME, id)).token().name();
        assertThat(isFree(name)).as(name).isFalse();
        tenancy.pass(Duration.ofMinutes(11));
        assertThat(isFree(name)).as(name + ", later").isFalse();
    }

    private static String create(String name) {
        return get(tenancy.gate().staticTokens().create(ACME, name, Optional.empty(), List.of())).listed().id();
    }

    private static String create(String name, String text) {
        return get(tenancy.gate().staticTokens().create(ACME, name, Optional.of(text), List.of())).listed().id();
    }

    private static Mono<Boolean> changed(Tenancy.Gate gate, String id, String name) {
        return gate.staticTokens().replace(ACME, id, name, true, List.of()).map(_ -> true)
                .onErrorResume(ChangeRefusedException.class, _ -> Mono.just(false));
    }

    private static boolean rename(Tenancy.Gate gate, String id, String name) {
        return get(changed(gate, id, name));
    }

    /** Whether another account could have the name; it does not keep it. */
    private static boolean isFree(String name) {
        return find(tenancy.gate().staticTokens().create(OTHER, name, Optional.empty(), List.of())
                .flatMap(made -> tenancy.gate().staticTokens().delete(OTHER, made.listed().id()).thenReturn(true))
                .onErrorResume(ChangeRefusedException.class, _ -> Mono.just(false))).orElseThrow();
    }
}
