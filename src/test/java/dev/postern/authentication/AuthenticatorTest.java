package dev.postern.authentication;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.MasterKey;
import dev.postern.credential.PresentedCredential;
import dev.postern.store.Patience;
import dev.postern.store.StoreUnavailableException;
import dev.postern.support.Credentials;
import dev.postern.support.OwnsItsGate;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OwnsItsGate
class AuthenticatorTest {
    private static final AccountId ACME = new AccountId("acme");

    @TempDir
    private Path folder;
    private Credentials credentials;

    @BeforeEach
    void startRedis() {
        credentials = new Credentials(folder);
    }

    @AfterEach
    void stopRedis() {
        credentials.close();
    }

    @Test
    void identifiesTheAccountAndCredentialWithoutTheSecret() {
        PresentedCredential secret = credentials.open(ACME);
        String index = credentials.redis().secretKeys().index("credential", secret.secret());

        assertThat(credentials.authenticate(secret)).isInstanceOfSatisfying(Authentication.Verified.class,
                verified -> {
                    assertThat(verified.principal().account()).isEqualTo(ACME);
                    assertThat(verified.principal().credential()).hasToString(index.substring(0, 22));
                    assertThat(verified.credential()).isEqualTo(new MasterKey(ACME));
                });
    }

    @Test
    void refusesAnUnknownCredential() {
        credentials.open(ACME);

        assertThat(credentials.authenticate(new PresentedCredential("unknown"))).isEqualTo(
                new Authentication.Refused(new AccessDecision.Denied(DenyReason.CREDENTIAL_UNKNOWN)));
    }

    @Test
    void refusesACredentialInAnotherLetterCase() {
        PresentedCredential secret = credentials.open(ACME);
        StringBuilder swapped = new StringBuilder();
        secret.secret().chars().forEach(c -> swapped
                .append((char) (Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c))));

        assertThat(credentials.works(new PresentedCredential(swapped.toString()))).isFalse();
    }

    @Test
    void refusesAMissingCredentialWithoutAskingTheStore() {
        credentials.redis().store().close();
        Presentation nothing = Presentation.read(_ -> List.of());

        assertThat(find(credentials.authenticator().authenticate(nothing))).get()
                .isInstanceOfSatisfying(Authentication.Refused.class,
                        refused -> assertThat(refused.denied().reason()).isEqualTo(DenyReason.CREDENTIAL_MISSING));
        assertThat(credentials.authenticator().authenticateNow(nothing, Patience.READ))
                .isInstanceOf(Authentication.Refused.class);
    }

    @Test
    void needsTheStoreForEveryCredential() {
        PresentedCredential secret = new PresentedCredential("secret");

        assertThat(credentials.authenticator().authenticateNow(new Presentation.Presented(secret), Patience.READ))
                .isInstanceOf(Authentication.NeedsStore.class);
    }

    @Test
    void refusesAMadeUpCredentialAgainFromMemoryUntilThereIsOne() {
        PresentedCredential secret = new PresentedCredential("made-up");
        Presentation presented = new Presentation.Presented(secret);
        Authentication unknown = new Authentication.Refused(
                new AccessDecision.Denied(DenyReason.CREDENTIAL_UNKNOWN));
        assertThat(get(credentials.authenticator().authenticate(needed(presented)))).isEqualTo(unknown);

        assertThat(credentials.authenticator().authenticateNow(presented, Patience.READ)).isEqualTo(unknown);

        CredentialRecords records = new CredentialRecords(credentials.redis().store(),
                credentials.redis().secretKeys());
        assertThat(get(records.create(records.index("made-up"), new MasterKey(ACME)))).isTrue();
        assertThat(get(credentials.authenticator().authenticate(needed(presented))))
                .isInstanceOf(Authentication.Verified.class);
    }

    private Authentication.NeedsStore needed(Presentation presented) {
        return (Authentication.NeedsStore) credentials.authenticator().authenticateNow(presented, Patience.READ);
    }

    @Test
    void refusesACredentialWhoseRecordIsUnreadable() {
        PresentedCredential secret = credentials.open(ACME);
        String key = CredentialRecords
                .key(credentials.redis().secretKeys().index("credential", secret.secret()));
        Authentication unreadable = new Authentication.Refused(
                new AccessDecision.Denied(DenyReason.RECORD_UNREADABLE));

        assertThat(find(credentials.redis().store().run(commands -> commands.set(key, "{}")))).contains("OK");
        assertThat(credentials.authenticate(secret)).isEqualTo(unreadable);
        assertThat(find(credentials.redis().store().run(commands -> commands.del(key)))).contains(1L);
        assertThat(find(credentials.redis().store().run(commands -> commands.lpush(key, "x")))).contains(1L);
        assertThat(credentials.authenticate(secret)).isEqualTo(unreadable);
    }

    @Test
    void failsIfTheStoreIsUnavailable() {
        PresentedCredential secret = credentials.open(ACME);
        credentials.redis().store().close();

        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(() -> credentials.authenticate(secret));
    }
}
