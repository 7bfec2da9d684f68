package dev.postern.oidc;

import dev.postern.jose.CryptoWorkers;
import dev.postern.jose.IssuerUnavailableException;
import dev.postern.jose.RefusedTokenException;
import dev.postern.operator.AttemptLimit;
import dev.postern.operator.Identity;
import dev.postern.operator.Role;
import dev.postern.store.SecretKeys;
import dev.postern.telemetry.LimitedLog;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;

/** Signs operators in with the identity provider: begins and completes the authorization code flow. */
public final class OidcSignIn implements AutoCloseable {
    private static final LimitedLog LOG = new LimitedLog(LoggerFactory.getLogger(OidcSignIn.class));
    /** Attempts at the provider have no name here; they are counted by address only. */
    private static final String NO_NAME = "";

    private final OidcSettings settings;
    private final Provider provider;
    private final CodeExchange exchange;
    private final IdTokens idTokens;
    private final SecretKeys secrets;
    private final AttemptLimit attempts;
    private final Clock clock;

    /** @param settings must be enabled */
    public OidcSignIn(OidcSettings settings, HttpClient client, Duration clockSkew, CryptoWorkers workers,
            SecretKeys secrets, AttemptLimit attempts, Clock clock) {
        this.settings = settings;
        this.provider = new Provider(settings, client, clock);
        this.exchange = new CodeExchange(settings, provider.calls());
        this.idTokens = new IdTokens(settings, clockSkew, workers, clock);
        this.secrets = secrets;
        this.attempts = attempts;
        this.clock = clock;
    }

    /**
     * The beginning of an attempt.
     *
     * @param to     where to send the browser
     * @param cookie what the browser must send back
     */
    public record Begun(URI to, String cookie) {}

    /** How an attempt ended. */
    public sealed interface Outcome {
        /** @param next the page to show */
        record Completed(Identity identity, String next) implements Outcome {}

        /** @param detail may be empty */
        record Refused(Refusal why, String detail) implements Outcome {}
    }

    /** Why nobody was signed in. */
    public enum Refusal {
        /** The attempt began in another browser, or too long ago. */
        UNKNOWN_ATTEMPT,
        /** The provider did not sign the visitor in, or did not accept the code. */
        BY_PROVIDER,
        /** The ID token is not valid. */
        TOKEN_INVALID,
        /** No group of the visitor has a role. */
        NO_ROLE,
        /** Too many attempts failed before. */
        TOO_MANY,
        /** The provider cannot be reached. */
        PROVIDER_UNAVAILABLE
    }

    /**
     * Begins an attempt; {@link ProviderUnavailableException} if the provider cannot be reached.
     *
     * @param next    the page to show after signing in
     * @param address the address of the callback, as the browser sees it
     */
    public Mono<Begun> begin(String next, String address) {
        return provider.known().publishOn(Schedulers.boundedElastic()).map(known -> {
            Attempt attempt = Attempt.begin(next, settings.fixedRedirect().orElse(address), clock.instant());
            return new Begun(exchange.authorization(known.metadata(), attempt), attempt.seal(secrets));
        }).doOnError(OidcSignIn::report);
    }

    /**
     * Completes an attempt.
     *
     * @param cookie what {@link #begin} gave the browser; empty if it sent nothing back
     * @param source the address of the client
     */
    public Mono<Outcome> complete(Returned returned, String cookie, String source) {
        if (attempts.wait(source, NO_NAME).isPresent()) {
            return Mono.just(new Outcome.Refused(Refusal.TOO_MANY, ""));
        }
        Instant now = clock.instant();
        return Attempt.open(cookie, secrets, now).filter(attempt -> attempt.isOf(returned.state()))
                .map(attempt -> complete(returned, attempt))
                .orElseGet(() -> Mono.just(new Outcome.Refused(Refusal.UNKNOWN_ATTEMPT, "")))
                .doOnNext(outcome -> count(outcome, source));
    }

    private Mono<Outcome> complete(Returned returned, Attempt attempt) {
        if (!returned.isFrom(settings.issuer()) || returned.code().isEmpty()) {
            return Mono.just(new Outcome.Refused(Refusal.BY_PROVIDER, returned.error()));
        }
        return provider.known()
                .flatMap(known -> exchange.redeem(known.metadata(), attempt, returned.code())
                        .flatMap(token -> idTokens.verify(token, attempt, known.keys())))
                .<Outcome>map(identity -> role(identity).isPresent()
                        ? new Outcome.Completed(identity, attempt.next())
                        : new Outcome.Refused(Refusal.NO_ROLE, identity.name()))
                .doOnError(OidcSignIn::report)
                .onErrorResume(failure -> refusal(failure)
                        .map(why -> Mono.<Outcome>just(new Outcome.Refused(why, "")))
                        .orElseGet(() -> Mono.error(failure)));
    }

    private static Optional<Refusal> refusal(Throwable failure) {
        return switch (failure) {
            case CodeExchange.CodeRefusedException _ -> Optional.of(Refusal.BY_PROVIDER);
            case RefusedTokenException _ -> Optional.of(Refusal.TOKEN_INVALID);
            case ProviderUnavailableException _,IssuerUnavailableException _,CryptoWorkers.BusyException _ ->
                Optional.of(Refusal.PROVIDER_UNAVAILABLE);
            default -> Optional.empty();
        };
    }

    private void count(Outcome outcome, String source) {
        if (outcome instanceof Outcome.Refused(var why, var _) && why != Refusal.PROVIDER_UNAVAILABLE) {
            attempts.failed(source, NO_NAME);
        }
    }

    private static void report(Throwable failure) {
        if (refusal(failure).isPresent()) {
            LOG.warn("An operator could not sign in with the identity provider: {} {}",
                    failure.getClass().getSimpleName(), String.valueOf(failure.getMessage()));
        }
    }

    /**
     * The role of an identity, according to the current settings; empty if it has none, or is from another provider.
     */
    public Optional<Role> role(Identity identity) {
        return identity.issuer().equals(settings.issuer())
                ? settings.roles().highest(identity.groups())
                : Optional.empty();
    }

    @Override
    public void close() {
        provider.close();
    }
}
