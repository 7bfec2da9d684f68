package dev.postern.support;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.authentication.Authentication;
import dev.postern.authentication.Authenticator;
import dev.postern.authentication.Issuers;
import dev.postern.authentication.Presentation;
import dev.postern.authentication.RecordCache;
import dev.postern.authentication.VerificationTimes;
import dev.postern.credential.Permission;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.TokenSettings;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.ApiKeys;
import dev.postern.jose.CryptoWorkers;
import dev.postern.store.Relay;
import dev.postern.store.TestRedis;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import reactor.core.publisher.Mono;

/** Accounts and API keys on a Redis of their own, with a clock that advances by a second each time it is read. */
public final class Credentials implements AutoCloseable {
    public static final Instant START = Instant.parse("2017-08-22T11:52:29Z");
    static final int QUOTA = 500;
    /** The default settings. */
    public static final TokenSettings SETTINGS = new Binder(new MapConfigurationPropertySource(Map.of()))
            .bindOrCreate("postern.tokens", TokenSettings.class);

    private final TestRedis redis;
    private final Clock clock;
    private final Accounts accounts;
    private final CryptoWorkers verifiers;
    private final Authenticator authenticator;

    public Credentials(Path folder) {
        AtomicLong seconds = new AtomicLong();
        InstantSource ticks = () -> START.plusSeconds(seconds.getAndIncrement());
        redis = TestRedis.start(folder);
        clock = ticks.withZone(ZoneOffset.UTC);
        accounts = new Accounts(redis.store(), redis.secretKeys(), clock, AmpleStorage.parts(redis.store()));
        verifiers = new CryptoWorkers("test-verify", 2, 64);
        authenticator = new Authenticator(new RecordCache(redis.store(), TestRedis.CACHE), redis.store(),
                redis.secretKeys(), SETTINGS, new Issuers(List.of()),
                verifiers,
                clock, VerificationTimes.NONE);
    }

    public TestRedis redis() {
        return redis;
    }

    public Accounts accounts() {
        return accounts;
    }

    public Authenticator authenticator() {
        return authenticator;
    }

    public ApiKeys apiKeys() {
        return apiKeys(QUOTA);
    }

    public ApiKeys apiKeys(int quota) {
        return new ApiKeys(redis.store(), AmpleStorage.of(redis.store()), redis.secretKeys(), clock, quota);
    }

    public ApiKeys apiKeys(Relay relay) {
        return new ApiKeys(relay.store(), AmpleStorage.of(relay.store()), redis.secretKeys(), clock, QUOTA);
    }

    public Accounts accounts(Relay relay) {
        return new Accounts(relay.store(), redis.secretKeys(), clock, AmpleStorage.parts(relay.store()));
    }

    /** Makes an account, and returns its master key. */
    public PresentedCredential open(AccountId id) {
        return get(accounts.create(id, "name of " + id)).masterKey();
    }

    /** A new API key. */
    public ApiKeys.Shown issue(AccountId account, String title, Permission... permissions) {
        return created(get(apiKeys().create(account, title, List.of(permissions)))).orElseThrow();
    }

    public static Optional<ApiKeys.Shown> created(ApiKeys.Creation creation) {
        return creation instanceof ApiKeys.Creation.Created(var shown) ? Optional.of(shown) : Optional.empty();
    }

    /** The value; empty if others changed the record too often at the same time. */
    public static <T> Optional<T> unlessContended(Mono<T> mono) {
        return find(mono.onErrorResume(ConcurrentChangeException.class, _ -> Mono.empty()));
    }

    public Authentication authenticate(PresentedCredential secret) {
        return get(authenticator.authenticate(new Presentation.Presented(secret)));
    }

    public boolean works(PresentedCredential secret) {
        return switch (authenticate(secret)) {
            case Authentication.Verified _ -> true;
            case Authentication.Refused(var denied) -> {
                assertThat(denied).isEqualTo(new AccessDecision.Denied(DenyReason.CREDENTIAL_UNKNOWN));
                yield false;
            }
            case Authentication.NeedsStore _ -> throw new AssertionError("the store was asked");
        };
    }

    /** The Redis keys of all credentials. */
    public List<String> records() {
        return redis.run(commands -> commands.keys("postern:credential:*"));
    }

    /** All Redis keys except those of the log of changes, which belongs to no account. */
    public List<String> everything() {
        return redis.run(commands -> commands.keys("*")).stream()
                .filter(key -> !key.startsWith("postern:{changes}:")).toList();
    }

    @Override
    public void close() {
        redis.close();
    }
}
