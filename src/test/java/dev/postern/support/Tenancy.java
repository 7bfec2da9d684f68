package dev.postern.support;

import static dev.postern.store.TestRedis.LIMIT;
import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessPolicy;
import dev.postern.access.AccessRequest;
import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.access.Streams;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.DeviceGroups;
import dev.postern.authentication.Authentication;
import dev.postern.authentication.Authenticator;
import dev.postern.authentication.Issuers;
import dev.postern.authentication.Presentation;
import dev.postern.authentication.RecordCache;
import dev.postern.authentication.VerificationTimes;
import dev.postern.credential.PresentedCredential;
import dev.postern.issuance.AccessTokens;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.ApiKeys;
import dev.postern.issuance.Applications;
import dev.postern.issuance.JwtTokens;
import dev.postern.issuance.RsaTokens;
import dev.postern.issuance.StaticTokens;
import dev.postern.issuance.Terminals;
import dev.postern.jose.CryptoWorkers;
import dev.postern.store.RedisStore;
import dev.postern.store.Relay;
import dev.postern.store.TestRedis;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import reactor.core.publisher.Mono;

/** Credentials of every kind on a Redis of their own, with a clock that stands still until a test moves it. */
public final class Tenancy implements AutoCloseable {
    private static final int WORKERS = 2;

    private final TestRedis redis;
    /** Starts at the present time, because Redis expires records by its own clock. */
    private final MovableClock clock = MovableClock.at(Instant.ofEpochSecond(Instant.now().getEpochSecond()));
    private final CryptoWorkers workers = new CryptoWorkers("test-tenancy", WORKERS, 256);
    private Gate gate;

    public Tenancy(Path folder) {
        redis = TestRedis.start(folder);
        gate = gate(redis.store());
    }

    /** The parts of one gate. All gates share one Redis. */
    public record Gate(Accounts accounts, ApiKeys apiKeys, StaticTokens staticTokens, Applications applications,
            AccessTokens accessTokens, Terminals terminals, RsaTokens rsaTokens, JwtTokens jwtTokens,
            DeviceGroups groups, Authenticator authenticator) {
        Authentication authenticate(PresentedCredential secret) {
            return get(authenticator.authenticate(new Presentation.Presented(secret)));
        }

        public boolean works(PresentedCredential secret) {
            return authenticate(secret) instanceof Authentication.Verified;
        }

        /** Why reading a device is refused; empty when it is not. */
        public Optional<DenyReason> refusal(PresentedCredential secret, String device) {
            return refusal(authenticate(secret), device);
        }

        /** Why a caller with this authentication may not read a device; empty if it may. */
        public static Optional<DenyReason> refusal(Authentication authentication, String device) {
            AccessRequest request = new AccessRequest(new ApiId("devices"), Action.GET,
                    List.of(new DeviceId(device)), false, new Streams.WholeDevice());
            return switch (authentication) {
                case Authentication.Refused(var denied) -> Optional.of(denied.reason());
                case Authentication.Verified(var principal, var _, var _) -> AccessPolicy.decide(principal,
                        request) instanceof AccessDecision.Denied denied
                                ? Optional.of(denied.reason())
                                : Optional.empty();
                case Authentication.NeedsStore _ -> throw new AssertionError("the store was asked");
            };
        }
    }

    /** Another gate, which reaches the same Redis through this store. */
    public Gate gate(RedisStore store) {
        return gate(store, clock);
    }

    /** A gate whose clock is ahead of the others'. */
    public Gate ahead(Duration by) {
        return gate(redis.store(), Clock.offset(clock, by));
    }

    private Gate gate(RedisStore store, Clock time) {
        Applications applications = new Applications(store, AmpleStorage.lists(store), redis.secretKeys(), time,
                Credentials.SETTINGS);
        return new Gate(new Accounts(store, redis.secretKeys(), time, AmpleStorage.parts(store)),
                new ApiKeys(store, AmpleStorage.of(store), redis.secretKeys(), time, 500),
                new StaticTokens(store, AmpleStorage.lists(store), redis.secretKeys(), time, Credentials.SETTINGS),
                applications,
                new AccessTokens(store, redis.secretKeys(), time, Credentials.SETTINGS,
                        () -> List.of(new ApiId("devices"))),
                new Terminals(store, AmpleStorage.of(store), redis.secretKeys(), applications, time,
                        Credentials.SETTINGS),
                new RsaTokens(store, AmpleStorage.lists(store), redis.secretKeys(), time, Credentials.SETTINGS,
                        workers),
                new JwtTokens(store, AmpleStorage.lists(store), redis.secretKeys(), time, Credentials.SETTINGS),
                new DeviceGroups(store, AmpleStorage.lists(store)),
                new Authenticator(new RecordCache(store, TestRedis.CACHE), store, redis.secretKeys(),
                        Credentials.SETTINGS, new Issuers(List.of()), workers,
                        time, VerificationTimes.NONE));
    }

    public Gate gate() {
        return gate;
    }

    public TestRedis redis() {
        return redis;
    }

    public Instant now() {
        return clock.instant();
    }

    public void pass(Duration time) {
        clock.move(time);
    }

    /** Forgets everything, in Redis and in the memory of the gate, and creates these accounts. */
    public void startOver(AccountId... accounts) {
        redis.clear();
        gate = gate(redis.store());
        for (AccountId account : accounts) {
            open(account);
        }
    }

    public PresentedCredential open(AccountId account) {
        return get(gate.accounts().create(account, "name")).masterKey();
    }

    /** All Redis keys except those of the log of changes, which belongs to no account. */
    public List<String> everything() {
        return redis.run(commands -> commands.keys("*")).stream()
                .filter(key -> !key.startsWith("postern:{changes}:")).toList();
    }

    /** What a call does at a gate. */
    public interface Step<T> {
        Mono<T> at(Gate gate);
    }

    /** Starts a call, which waits for a worker. Meanwhile runs {@code other}, then waits for the call. */
    public <T> Optional<T> whileItWaitsForAWorker(Step<T> first, Meanwhile other) throws Exception {
        CountDownLatch begun = new CountDownLatch(WORKERS);
        CountDownLatch release = new CountDownLatch(1);
        for (int i = 0; i < WORKERS; i++) {
            var _ = workers.run(() -> {
                begun.countDown();
                return await(release);
            }).subscribe();
        }
        try {
            assertThat(await(begun)).isTrue();
            CompletableFuture<Optional<T>> running = CompletableFuture.supplyAsync(() -> find(first.at(gate)));
            Awaitility.await().atMost(LIMIT).until(() -> workers.waiting() == 1);
            other.happens();
            release.countDown();
            return running.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } finally {
            release.countDown();
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What happens while a call waits. */
    public interface Meanwhile {
        void happens();
    }

    /**
     * Starts a call at a gate of its own, runs {@code other} when the call sends the command, and waits for the call.
     */
    public <T> Optional<T> between(String command, Step<T> first, Meanwhile other) throws Exception {
        try (Paused<T> paused = pause(command, first)) {
            other.happens();
            return paused.finish();
        }
    }

    /** Starts a call at a gate of its own, and returns when the call sends the command, which is then held up. */
    public <T> Paused<T> pause(String command, Step<T> call) throws Exception {
        // Once Redis knows a script, a gate calls it by its digest, which does not show the commands in it.
        redis.run(commands -> commands.scriptFlush());
        Relay relay = redis.relay();
        try {
            relay.hold(command);
            Mono<T> result = call.at(gate(relay.store()));
            // A thread of its own: the common pool may have only one, and two calls may be paused.
            Paused<T> paused = new Paused<>(relay,
                    CompletableFuture.supplyAsync(() -> find(result), task -> Thread.ofVirtual().start(task)));
            relay.awaitHeld();
            return paused;
        } catch (Exception | Error failed) {
            relay.close();
            throw failed;
        }
    }

    /** A call, one of whose commands is held up. */
    public record Paused<T>(Relay relay, CompletableFuture<Optional<T>> running) implements AutoCloseable {
        /** Lets the command go on, and waits for the call. */
        public Optional<T> finish() throws Exception {
            relay.release();
            return running.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            relay.close();
        }
    }

    /** Whether a change is made; false when it is refused. */
    public static boolean isMade(Mono<?> change) {
        return find(change.thenReturn(true).onErrorResume(ChangeRefusedException.class, _ -> Mono.just(false)))
                .orElseThrow();
    }

    @Override
    public void close() {
        workers.close();
        redis.close();
    }
}
