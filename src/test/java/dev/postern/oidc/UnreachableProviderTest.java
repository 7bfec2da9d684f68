package dev.postern.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.jose.CryptoWorkers;
import dev.postern.oidc.OidcSignIn.Outcome;
import dev.postern.oidc.OidcSignIn.Refusal;
import dev.postern.operator.AttemptLimit;
import dev.postern.operator.Identity;
import dev.postern.operator.Role;
import dev.postern.store.SecretKeys;
import dev.postern.support.MovableClock;
import dev.postern.support.OwnsItsGate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.netty.http.client.HttpClient;

/** Signing in with a provider that accepts connections and says nothing. */
@OwnsItsGate
class UnreachableProviderTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final MovableClock clock = MovableClock.running();
    private final AttemptLimit attempts = new AttemptLimit(clock);
    private final CryptoWorkers workers = new CryptoWorkers("test-verify", 1, 1);
    private ServerSocket silent;
    private SecretKeys secrets;
    private OidcSignIn signIn;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        secrets = SecretKeys.load(folder.resolve("keys.json"), true);
        signIn = new OidcSignIn(new OidcSettings("http://127.0.0.1:" + silent.getLocalPort(), "client", null,
                List.of("openid"), "groups", "name", new OidcRoles(List.of("a"), List.of(), List.of("v")), null, null,
                Duration.ofMillis(300)), HttpClient.newConnection(), Duration.ofMinutes(1), workers, secrets, attempts,
                clock);
    }

    @AfterEach
    void stop() throws IOException {
        signIn.close();
        workers.close();
        silent.close();
    }

    private Outcome complete(Returned returned, String cookie) {
        return signIn.complete(returned, cookie, "192.0.2.1").blockOptional(LONG).orElseThrow();
    }

    private static Returned returned(String state) {
        return new Returned(state, "code", Optional.empty(), "");
    }

    @Test
    void endsAfterTheTimeout() {
        assertThatThrownBy(() -> signIn.begin("", "http://127.0.0.1/login/oidc/callback").block(LONG))
                .isInstanceOf(ProviderUnavailableException.class);
    }

    @Test
    void doesNotCountAsAFailedAttempt() {
        Attempt attempt = Attempt.begin("", "http://127.0.0.1/login/oidc/callback", clock.instant());
        for (int i = 0; i <= AttemptLimit.BY_SOURCE; i++) {
            assertThat(complete(returned(attempt.state()), attempt.seal(secrets)))
                    .isEqualTo(new Outcome.Refused(Refusal.PROVIDER_UNAVAILABLE, ""));
        }
    }

    @Test
    void limitsFailedAttempts() {
        for (int i = 0; i < AttemptLimit.BY_SOURCE; i++) {
            assertThat(complete(returned("forged"), "forged"))
                    .isEqualTo(new Outcome.Refused(Refusal.UNKNOWN_ATTEMPT, ""));
        }

        assertThat(complete(returned("forged"), "forged")).isEqualTo(new Outcome.Refused(Refusal.TOO_MANY, ""));

        clock.move(AttemptLimit.WINDOW.plusSeconds(1));
        assertThat(complete(returned("forged"), "forged")).isEqualTo(new Outcome.Refused(Refusal.UNKNOWN_ATTEMPT, ""));
    }

    @Test
    void endsAnAttemptThatTakesTooLong() {
        Attempt attempt = Attempt.begin("", "http://127.0.0.1/login/oidc/callback", clock.instant());
        String cookie = attempt.seal(secrets);
        clock.move(Attempt.LONGEST.plusSeconds(1));

        assertThat(complete(returned(attempt.state()), cookie))
                .isEqualTo(new Outcome.Refused(Refusal.UNKNOWN_ATTEMPT, ""));
    }

    @Test
    void decidesTheRoleByTheSettingsOfNow() {
        String issuer = "http://127.0.0.1:" + silent.getLocalPort();
        assertThat(signIn.role(new Identity(issuer, "s", "n", List.of("v", "a")))).contains(Role.ADMIN);
        assertThat(signIn.role(new Identity(issuer, "s", "n", List.of("former")))).isEmpty();
        assertThat(signIn.role(new Identity("https://former.example.com", "s", "n", List.of("a")))).isEmpty();
    }

    @Test
    void asksForACodeWithPkceStateAndNonce() {
        ProviderMetadata metadata = new ProviderMetadata(URI.create("https://id.test/authorize?tenant=1"),
                URI.create("https://id.test/token"), URI.create("https://id.test/keys"), false);
        // RFC 7636, appendix B.
        Attempt attempt = new Attempt("the-state", "the-nonce", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "",
                "https://gate.test/login/oidc/callback", clock.instant());
        OidcSettings settings = new OidcSettings("https://id.test", "the client", "hidden", List.of("openid", "groups"),
                "groups", "name", new OidcRoles(List.of("a"), List.of(), List.of()), null, null, Duration.ofSeconds(1));

        URI address = new CodeExchange(settings, new ProviderCalls(HttpClient.newConnection(), Duration.ofSeconds(1)))
                .authorization(metadata, attempt);

        assertThat(address.toString()).isEqualTo("https://id.test/authorize?tenant=1&response_type=code"
                + "&client_id=the%20client&scope=openid%20groups"
                + "&redirect_uri=https%3A%2F%2Fgate.test%2Flogin%2Foidc%2Fcallback&state=the-state&nonce=the-nonce"
                + "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256");
    }
}
