package dev.postern.issuance;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.account.ChangeRefusedException;
import dev.postern.support.AmpleStorage;
import dev.postern.support.Credentials;
import dev.postern.support.OwnsItsGate;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OwnsItsGate
class TokenNamesTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final AccountId OTHER = new AccountId("other");

    @TempDir
    private static Path folder;
    private static Credentials credentials;
    private static StaticTokens tokens;
    private static JwtTokens jwtTokens;

    @BeforeAll
    static void startRedis() {
        credentials = new Credentials(folder);
        tokens = new StaticTokens(credentials.redis().store(), AmpleStorage.lists(credentials.redis().store()),
                credentials.redis().secretKeys(), Clock.systemUTC(),
                Credentials.SETTINGS);
        jwtTokens = new JwtTokens(credentials.redis().store(), AmpleStorage.lists(credentials.redis().store()),
                credentials.redis().secretKeys(), Clock.systemUTC(),
                Credentials.SETTINGS);
    }

    @AfterAll
    static void stopRedis() {
        credentials.close();
    }

    @BeforeEach
    void openAccounts() {
        credentials.redis().clear();
        credentials.open(ACME);
        credentials.open(OTHER);
    }

    @Test
    void areUniqueAcrossKindsAndAccounts() {
        String id = make(ACME, "lamp");

        assertTaken(OTHER, "lamp", "the static-token " + id + " of account acme");
        assertThatExceptionOfType(ChangeRefusedException.class).isThrownBy(
                () -> find(jwtTokens.create(OTHER, "lamp", Set.of(), Set.of(), Optional.empty(), Limits.NONE)));
        make(OTHER, "Lamp");
    }

    @Test
    void areFreeAfterDeletionAndRenaming() {
        String id = make(ACME, "lamp");
        rename(ACME, id, "door");
        String other = make(OTHER, "lamp");
        assertTaken(OTHER, "door", id);

        assertThat(find(tokens.delete(ACME, id))).isEmpty();
        rename(OTHER, other, "door");
        make(ACME, "lamp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Tür ", " Tür", "Tu\u0308r"})
    void stayTakenWhenOnlyTheirSpellingChanges(String spelling) {
        String id = make(ACME, "Tür");

        rename(ACME, id, spelling);

        assertTaken(OTHER, "Tür", id);
        assertTaken(OTHER, spelling, id);
    }

    @Test
    void areFreeIfTheTokenCouldNotBeCreated() {
        String id = make(ACME, "lamp", "chosen-by-somebody");

        assertThatExceptionOfType(ChangeRefusedException.class)
                .isThrownBy(() -> make(OTHER, "door", "chosen-by-somebody"))
                .satisfies(refused -> assertThat(refused.why()).isEqualTo(ChangeRefusedException.Why.TAKEN));

        make(OTHER, "door");
        assertTaken(OTHER, "lamp", id);
    }

    @Test
    void areFreeAfterTheirAccountIsDeleted() {
        make(ACME, "lamp");

        assertThat(get(credentials.accounts().delete(ACME))).isTrue();

        make(OTHER, "lamp");
    }

    private static String make(AccountId account, String name) {
        return get(tokens.create(account, name, Optional.empty(), List.of(), Limits.NONE)).listed().id();
    }

    private static String make(AccountId account, String name, String text) {
        return get(tokens.create(account, name, Optional.of(text), List.of(), Limits.NONE)).listed().id();
    }

    private static void rename(AccountId account, String id, String name) {
        assertThat(get(tokens.replace(account, id, name, true, List.of(), limits -> limits)).token().name())
                .isEqualTo(name);
    }

    private static void assertTaken(AccountId account, String name, String holder) {
        assertThatExceptionOfType(ChangeRefusedException.class).isThrownBy(() -> make(account, name))
                .withMessageContaining(holder)
                .satisfies(refused -> assertThat(refused.why()).isEqualTo(ChangeRefusedException.Why.NAME_TAKEN));
    }
}
