package dev.postern.issuance;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.account.Page;
import dev.postern.credential.Application;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.RuleJson;
import dev.postern.support.AtOnce;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.Tenancy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OwnsItsGate
class AccessTokensTest {
    private static final AccountId ACME = new AccountId("acme");

    @TempDir
    private static Path folder;
    @AutoClose
    private static Tenancy tenancy;

    private Applications.Client client;

    @BeforeAll
    static void startRedis() {
        tenancy = new Tenancy(folder);
    }

    @BeforeEach
    void anApplication() {
        tenancy.startOver(ACME);
        client = client();
    }

    private static Applications.Client client() {
        Applications.Issued issued = get(tenancy.gate().applications().create(ACME, "a",
                Application.Platform.SOFTWARE, RuleJson.everything(), Limits.NONE));
        return get(tenancy.gate().applications().authenticate(issued.listed().key().secret(), issued.secret(), null));
    }

    @Test
    void theOldestIsRevokedIfThereIsOneTooMany() {
        List<PresentedCredential> tokens = new ArrayList<>();
        for (int i = 0; i <= AccessTokens.MAX_LIVE; i++) {
            tokens.add(issue(tenancy.gate()).orElseThrow());
            tenancy.pass(Duration.ofMillis(1));
        }

        assertThat(tenancy.gate().works(tokens.getFirst())).isFalse();
        assertThat(tokens.subList(1, tokens.size())).allMatch(tenancy.gate()::works);
    }

    @Test
    void thereAreNeverTooManyUnderConcurrency() throws Exception {
        List<PresentedCredential> tokens = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            AtOnce.run(12, () -> issue(tenancy.gate())).forEach(token -> token.ifPresent(tokens::add));
        }

        assertThat(tokens).filteredOn(tenancy.gate()::works).hasSize(AccessTokens.MAX_LIVE);
    }

    @Test
    void everyValidTokenIsCounted() throws Exception {
        List<PresentedCredential> tokens = new ArrayList<>();
        // The clock of this gate is ahead, so its tokens expire last. A token of the other gate is the oldest from the
        // beginning.
        Tenancy.Gate ahead = tenancy.ahead(Duration.ofSeconds(5));
        for (int i = 0; i < AccessTokens.MAX_LIVE; i++) {
            tokens.add(issue(ahead).orElseThrow());
        }
        tenancy.between("SET\r\n$62\r\npostern:credential:",
                gate -> gate.accessTokens().issue(client, Optional.empty()).doOnNext(made -> tokens.add(made.text())),
                () -> tokens.add(issue(ahead).orElseThrow()));

        assertThat(tokens).filteredOn(tenancy.gate()::works).hasSizeLessThanOrEqualTo(AccessTokens.MAX_LIVE);
    }

    @Test
    void nothingIsStoredForAnApplicationThatIsDeletedMeanwhile() throws Exception {
        Applications.Listed listed = get(
                tenancy.gate().applications().list(ACME, CredentialFilter.ALL, new Page.Request(1, 1))).items()
                .getFirst();
        Optional<AccessTokens.Issued> issued = tenancy.between("SET\r\n$62\r\npostern:credential:",
                gate -> gate.accessTokens().issue(client, Optional.empty()),
                () -> get(tenancy.gate().applications().delete(ACME, listed.id()).thenReturn(true)));

        assertThat(issued).isEmpty();
        assertThat(tenancy.everything()).filteredOn(key -> key.contains("application:")).isEmpty();
        assertThat(tenancy.everything()).filteredOn(key -> key.startsWith("postern:credential:")).as("the master key")
                .hasSize(1);
    }

    @Test
    void nothingIsLeftOfAnApplicationThatIssuesATokenWhileItIsDeleted() throws Exception {
        Applications.Listed listed = get(
                tenancy.gate().applications().list(ACME, CredentialFilter.ALL, new Page.Request(1, 1))).items()
                .getFirst();
        tenancy.between("redis.call('UNLINK', unpack(KEYS, 3))",
                gate -> gate.applications().delete(ACME, listed.id()).thenReturn(true), () -> issue(tenancy.gate()));

        assertThat(tenancy.everything()).filteredOn(key -> key.contains("application")).isEmpty();
    }

    @Test
    void nothingIsLeftOfAnApplicationThatShowsItsSecretWhileItIsDeleted() throws Exception {
        Applications.Issued made = get(tenancy.gate().applications().create(ACME, "b",
                Application.Platform.SOFTWARE, RuleJson.everything(), Limits.NONE));
        tenancy.between("secrets-used",
                gate -> gate.applications().authenticate(made.listed().key().secret(), made.secret(), null),
                () -> get(tenancy.gate().accounts().delete(ACME)));

        assertThat(tenancy.everything()).isEmpty();
    }

    @Test
    void aTokenCanBeRevokedOnlyByItsOwnApplication() {
        PresentedCredential token = issue(tenancy.gate()).orElseThrow();
        Applications.Client other = client();

        find(tenancy.gate().accessTokens().revoke(other, token));
        assertThat(tenancy.gate().works(token)).isTrue();
        find(tenancy.gate().accessTokens().revoke(client, token));
        assertThat(tenancy.gate().works(token)).isFalse();
    }

    private Optional<PresentedCredential> issue(Tenancy.Gate gate) {
        return find(gate.accessTokens().issue(client, Optional.empty())).map(AccessTokens.Issued::text);
    }
}
