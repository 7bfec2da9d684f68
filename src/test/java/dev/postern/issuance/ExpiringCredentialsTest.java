package dev.postern.issuance;

import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.RuleJson;
import dev.postern.support.AmpleStorage;
import dev.postern.support.Credentials;
import dev.postern.support.OwnsItsGate;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OwnsItsGate
class ExpiringCredentialsTest {
    private static final AccountId ACME = new AccountId("acme");

    private static Instant now = Instant.EPOCH;

    @TempDir
    private static Path folder;
    private static Credentials credentials;
    private static StaticTokens tokens;

    @BeforeAll
    static void startRedis() {
        now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        credentials = new Credentials(folder);
        tokens = new StaticTokens(credentials.redis().store(), AmpleStorage.lists(credentials.redis().store()),
                credentials.redis().secretKeys(), Clock.systemUTC(), Credentials.SETTINGS);
    }

    @AfterAll
    static void stopRedis() {
        credentials.close();
    }

    @BeforeEach
    void openAccount() {
        credentials.redis().clear();
        credentials.open(ACME);
    }

    private static Limits until(long days) {
        return new Limits(Optional.of(now.plus(Duration.ofDays(days))), List.of());
    }

    private static String make(String name, Limits limits) {
        return get(tokens.create(ACME, name, Optional.empty(), RuleJson.everything(), limits)).listed().id();
    }

    private static void change(String id, String name, Limits limits) {
        get(tokens.replace(ACME, id, name, true, RuleJson.everything(), _ -> limits));
    }

    /** The names of those that expire within 30 days. */
    private static List<String> soon(int max) {
        ExpiringCredentials expiring = new ExpiringCredentials(credentials.redis().store(),
                new CredentialRecords(credentials.redis().store(), credentials.redis().secretKeys()),
                Clock.systemUTC(), Duration.ofDays(30), max);
        return get(expiring.soon()).stream().map(ExpiringCredentials.Expiring::name).toList();
    }

    @Test
    void areThoseThatExpireNext() {
        make("in ten days", until(10));
        make("in two days", until(2));
        make("in a year", until(365));
        make("never", Limits.NONE);
        make("in three days", until(3));

        assertThat(soon(10)).containsExactly("in two days", "in three days", "in ten days");
        assertThat(soon(2)).containsExactly("in two days", "in three days");
    }

    @Test
    void followChangesAndDeletions() {
        String later = make("later", until(2));
        String lifted = make("lifted", until(2));
        String deleted = make("deleted", until(2));
        String sooner = make("sooner", until(365));
        String renamed = make("renamed", until(3));
        change(later, "later", until(400));
        change(lifted, "lifted", Limits.NONE);
        get(tokens.delete(ACME, deleted).thenReturn(true));
        change(sooner, "sooner", until(1));
        change(renamed, "other", until(3));

        assertThat(soon(10)).containsExactly("sooner", "other");
        change(later, "later", until(5));
        assertThat(soon(10)).containsExactly("sooner", "other", "later");
    }

    @Test
    void leaveNothingBehindInTheIndex() {
        String lifted = make("lifted", until(2));
        change(lifted, "lifted", Limits.NONE);
        make("kept", until(2));

        assertThat(soon(10)).containsExactly("kept");
        Long left = get(credentials.redis().store().run(commands -> commands.zcard("postern:credentials-until")));
        assertThat(left).isEqualTo(1);
    }
}
