package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.postern.access.DenyReason;
import dev.postern.support.MovableClock;
import dev.postern.support.NeedsTheMachine;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.net.URI;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;

@NeedsTheMachine
class IssuerKeysTest {
    /** Far beyond what anything here takes, so that a busy machine fails no test. */
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final IssuerKeySettings PATIENT = settings(Duration.ofMinutes(1));
    private static final ECKey ONE = ec("one");
    private static final ECKey TWO = ec("two");

    private static final KeyPair RSA = Tokens.rsa(2048);

    private final CryptoWorkers workers = new CryptoWorkers("verify", 2, 10_000);
    private final MovableClock clock = MovableClock.at(Instant.parse("2026-01-01T00:00:00Z"));
    private final KeyServer server = new KeyServer();
    private final FetchBudget budget = new FetchBudget(10, Duration.ofMinutes(1), clock);
    private final IssuerKeys keys = issuer(server.address(), PATIENT);

    /** The first fetch of all loads classes, which may take longer than a short timeout. */
    @BeforeAll
    static void fetchOnce() {
        IssuerKeysTest any = new IssuerKeysTest();
        any.publish(ONE);
        any.held("one");
        any.stop();
    }

    @AfterEach
    void stop() {
        keys.close();
        server.close();
        workers.close();
    }

    private static IssuerKeySettings settings(Duration timeout) {
        IssuerKeySettings usual = IssuerKeySettings.defaults();
        return new IssuerKeySettings(usual.refreshAfter(), usual.expireAfter(), usual.unknownKeyPause(),
                usual.retryAfter(), timeout, 100_000, 10);
    }

    private IssuerKeys issuer(URI address, IssuerKeySettings settings) {
        return new IssuerKeys(address, List.of("ES256"), settings, budget, HttpClient.create(), clock);
    }

    private static ECKey ec(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (JOSEException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static String json(ECKey... published) {
        return new JWKSet(List.of(published)).toString();
    }

    private void publish(ECKey... published) {
        server.answer(KeyServer.text(json(published)));
    }

    private static JoseHeader header(String id) {
        return new JoseHeader("ES256", Optional.empty(), Optional.of(id), Optional.empty());
    }

    /** The result of looking for a key: a reason to refuse the token, or {@code found}. */
    private static Mono<String> outcome(IssuerKeys of, String id) {
        return of.find(header(id), () -> true).map(_ -> "found")
                .onErrorResume(RefusedTokenException.class, refused -> Mono.just(refused.reason().word()))
                .onErrorResume(IssuerUnavailableException.class,
                        _ -> Mono.just(DenyReason.ISSUER_UNAVAILABLE.word()));
    }

    /** Subscribes 64 times before any of the subscriptions ends. */
    private static CompletableFuture<@Nullable List<String>> sixtyFour(Mono<String> outcome) {
        return Flux.range(0, 64).flatMap(_ -> outcome, 64).collectList().toFuture();
    }

    private static <T> T get(Mono<T> mono) {
        return Objects.requireNonNull(mono.block(LIMIT));
    }

    private String find(String id) {
        return get(outcome(keys, id));
    }

    /** Looks for a key, and fails if it is not there. */
    private VerificationKey held(String id) {
        return get(keys.find(header(id), () -> true)).getFirst();
    }

    private static String token(ECKey by) {
        return token(by, new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(by.getKeyID()).build());
    }

    private static String token(ECKey by, JWSHeader header) {
        try {
            JWSObject token = new JWSObject(header, new Payload(Map.of("sub", "somebody")));
            token.sign(new ECDSASigner(by));
            return token.serialize();
        } catch (JOSEException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void verifiesATokenWithTheKeyThatTheIssuerPublishes() {
        publish(ONE, TWO);
        CompactToken.Signed token = (CompactToken.Signed) CompactToken.read(token(TWO));

        VerificationKey key = get(keys.verify(token, () -> true, workers));

        assertThat(key).isSameAs(held("two")).isNotSameAs(held("one"));
        assertThat(keys.holds(key)).isTrue();
    }

    @Test
    void fetchesTheKeysOnceAndCachesThem() {
        publish(ONE, TWO);

        VerificationKey key = held("one");

        assertThat(held("one")).isSameAs(key);
        assertThat(find("two")).isEqualTo("found");
        assertThat(server.asked()).isOne();
        assertThat(keys.fetches()).isOne();
        assertThat(keys.failures()).isZero();
        assertThat(keys.keys()).isEqualTo(2);
        assertThat(keys.lastSuccess()).contains(clock.instant());
        assertThat(keys.isStale()).isFalse();
    }

    @Test
    void fetchesNothingBeforeItIsAsked() {
        assertThat(keys.fetches()).isZero();
        assertThat(keys.keys()).isZero();
        assertThat(keys.lastSuccess()).isEmpty();
        assertThat(keys.isStale()).isTrue();
        assertThat(server.asked()).isZero();
    }

    @Test
    void sharesAFetchAmongAllWaitingCallers() {
        publish(ONE);
        Sinks.Empty<Void> release = server.hold();

        CompletableFuture<@Nullable List<String>> atOnce = sixtyFour(
                outcome(keys, "one").subscribeOn(Schedulers.boundedElastic()));
        await().atMost(LIMIT).until(() -> server.asked() > 0);
        CompletableFuture<@Nullable List<String>> late = sixtyFour(outcome(keys, "one"));
        release.tryEmitEmpty().orThrow();

        assertThat(atOnce).succeedsWithin(LIMIT).isEqualTo(Collections.nCopies(64, "found"));
        assertThat(late).succeedsWithin(LIMIT).isEqualTo(Collections.nCopies(64, "found"));
        assertThat(server.asked()).isOne();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void makesOneFetchIfAnotherCallerArrivesMeanwhile(int read) throws Exception {
        publish(ONE);
        Thread other = new Thread(() -> find("one"));
        clock.interject(read, other);

        assertThat(find("one")).isEqualTo("found");

        assertThat(other.join(LIMIT)).isTrue();
        assertThat(server.asked()).isOne();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void asksOnceIfAnotherUnknownIdArrivesMeanwhile(int read) throws Exception {
        publish(ONE);
        held("one");
        Thread other = new Thread(() -> find("another"));
        clock.interject(read, other);

        assertThat(find("unknown")).isEqualTo("token_key_unknown");

        assertThat(other.join(LIMIT)).isTrue();
        assertThat(server.asked()).isEqualTo(2);
    }

    @Test
    void continuesFetchingIfAWaitingCallerGivesUp() {
        publish(ONE);
        Sinks.Empty<Void> release = server.hold();

        CompletableFuture<@Nullable String> first = outcome(keys, "one").toFuture();
        CompletableFuture<@Nullable String> second = outcome(keys, "one").toFuture();
        await().atMost(LIMIT).until(() -> server.asked() > 0);
        first.cancel(true);
        release.tryEmitEmpty().orThrow();

        assertThat(second).succeedsWithin(LIMIT).isEqualTo("found");
        assertThat(server.asked()).isOne();
    }

    @Test
    void continuesOnTheEventLoopOfTheCaller() {
        publish(ONE);
        EventExecutor loop = new DefaultEventExecutor();
        try {
            // Both ways: by a fetch, and from memory.
            for (int i = 0; i < 2; i++) {
                CompletableFuture<Boolean> there = new CompletableFuture<>();
                loop.execute(() -> {
                    var _ = keys.find(header("one"), () -> true).subscribe(_ -> there.complete(loop.inEventLoop()));
                });
                assertThat(there).succeedsWithin(LIMIT).isEqualTo(true);
            }
        } finally {
            var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void findsANewKeyByItsId() {
        publish(ONE);
        VerificationKey one = held("one");
        publish(ONE, TWO);

        assertThat(find("two")).isEqualTo("found");
        assertThat(server.asked()).isEqualTo(2);
        assertThat(keys.holds(one)).as("it is there still").isTrue();
    }

    @Test
    void findsANewKeyForAllWaitingCallers() {
        publish(ONE);
        held("one");
        publish(TWO);
        Sinks.Empty<Void> release = server.hold();

        CompletableFuture<@Nullable List<String>> waiting = sixtyFour(outcome(keys, "two"));
        release.tryEmitEmpty().orThrow();

        assertThat(waiting).succeedsWithin(LIMIT).isEqualTo(Collections.nCopies(64, "found"));
        assertThat(server.asked()).isEqualTo(2);
    }

    @Test
    void asksOnceForAThousandUnknownIds() {
        publish(ONE);
        held("one");

        for (int pause = 1; pause <= 3; pause++) {
            List<String> outcomes = get(Flux.range(0, 1000).flatMap(i -> outcome(keys, "unknown-" + i)
                    .subscribeOn(Schedulers.boundedElastic()), 100).collectList());
            assertThat(outcomes).hasSize(1000).containsOnly("token_key_unknown");
            assertThat(server.asked()).isEqualTo(1 + pause);
            clock.move(PATIENT.unknownKeyPause().minusMillis(1));
            assertThat(find("unknown")).isEqualTo("token_key_unknown");
            assertThat(server.asked()).isEqualTo(1 + pause);
            clock.move(Duration.ofMillis(1));
        }
    }

    @Test
    void refusesAnUnknownIdAtOnceWhileFetchesAreLimited() {
        publish(ONE);
        held("one");
        find("unknown");
        server.answer(KeyServer.nothing());

        assertThat(find("two")).isEqualTo("token_key_unknown");
        assertThat(find("one")).isEqualTo("found");
        assertThat(server.asked()).isEqualTo(2);
    }

    /** Verifies a token. Returns the key, or a reason to refuse the token. */
    private String verify(String token) {
        return get(verifying(token));
    }

    private Mono<String> verifying(String token) {
        CompactToken.Signed signed = (CompactToken.Signed) CompactToken.read(token);
        return keys.verify(signed, () -> true, workers).map(_ -> "verified")
                .onErrorResume(RefusedTokenException.class, refused -> Mono.just(refused.reason().word()));
    }

    private static String unnamed(ECKey by) {
        return token(by, new JWSHeader(JWSAlgorithm.ES256));
    }

    @Test
    void findsANewKeyUnderAnOldId() {
        ECKey successor = ec("one");
        publish(ONE);
        assertThat(verify(token(ONE))).isEqualTo("verified");
        VerificationKey before = held("one");
        publish(successor);

        assertThat(verify(token(successor))).isEqualTo("verified");
        assertThat(server.asked()).isEqualTo(2);
        assertThat(keys.holds(before)).as("what the old key verified is not remembered").isFalse();
        assertThat(verify(token(ONE))).isEqualTo("token_signature_invalid");
        assertThat(server.asked()).isEqualTo(2);
    }

    @Test
    void findsANewKeyOfAnotherTypeUnderAnOldId() {
        try (IssuerKeys both = new IssuerKeys(server.address(), List.of("ES256", "PS256"), PATIENT, budget,
                HttpClient.create(), clock)) {
            publish(ONE);
            assertThat(get(both.find(header("one"), () -> true))).hasSize(1);
            server.serve(new RSAKey.Builder((RSAKey) Tokens.jwk(RSA.getPublic())).keyID("one").build());

            CompactToken.Signed token = (CompactToken.Signed) CompactToken
                    .read(Tokens.signed("{\"alg\":\"PS256\",\"kid\":\"one\"}", "{}", Tokens.pss(RSA.getPrivate())));
            assertThat(get(both.verify(token, () -> true, workers)).algorithm()).isEqualTo("PS256");
        }
    }

    @Test
    void findsANewKeyForTokensWithoutAnId() {
        publish(ONE);
        assertThat(verify(unnamed(ONE))).isEqualTo("verified");
        publish(TWO);

        assertThat(verify(unnamed(TWO))).isEqualTo("verified");
        assertThat(server.asked()).isEqualTo(2);
        assertThat(verify(unnamed(ONE))).isEqualTo("token_signature_invalid");
    }

    @Test
    void verifiesTokensWithoutAnIdWithBothPublishedKeys() {
        publish(ONE, TWO);

        assertThat(verify(unnamed(ONE))).isEqualTo("verified");
        assertThat(verify(unnamed(TWO))).isEqualTo("verified");
        assertThat(verify(unnamed(ec("three")))).isEqualTo("token_signature_invalid");
    }

    @Test
    void verifiesWithAnyOfSeveralKeysWithTheSameId() {
        ECKey twin = ec("one");
        publish(ONE, twin);

        assertThat(verify(token(ONE))).isEqualTo("verified");
        assertThat(verify(token(twin))).isEqualTo("verified");
        assertThat(server.asked()).isOne();
    }

    @Test
    void asksOnceForAThousandWrongSignatures() {
        ECKey stranger = ec("one");
        publish(ONE);
        held("one");
        String forged = token(stranger);
        String forgedWithoutId = unnamed(stranger);

        for (int pause = 1; pause <= 3; pause++) {
            List<String> outcomes = get(Flux.range(0, 1000)
                    .flatMap(i -> verifying(i % 2 == 0 ? forged : forgedWithoutId)
                            .subscribeOn(Schedulers.boundedElastic()), 100)
                    .collectList());
            assertThat(outcomes).hasSize(1000).containsOnly("token_signature_invalid");
            assertThat(server.asked()).isEqualTo(1 + pause);
            clock.move(PATIENT.unknownKeyPause().minusMillis(1));
            assertThat(verify(forged)).isEqualTo("token_signature_invalid");
            assertThat(find("unknown")).as("the pause is shared").isEqualTo("token_key_unknown");
            assertThat(server.asked()).isEqualTo(1 + pause);
            clock.move(Duration.ofMillis(1));
        }
    }

    @Test
    void doesNotDelayValidTokensByAFetchForAForgedToken() {
        publish(ONE);
        held("one");
        Sinks.Empty<Void> release = server.hold();
        CompletableFuture<@Nullable String> forged = verifying(token(ec("one"))).toFuture();
        await().atMost(LIMIT).until(() -> server.asked() == 2);

        assertThat(verify(token(ONE))).isEqualTo("verified");
        assertThat(forged).isNotDone();
        release.tryEmitEmpty().orThrow();
        assertThat(forged).succeedsWithin(LIMIT).isEqualTo("token_signature_invalid");
    }

    @Test
    void asksCallersToRetryIfTooManyAreWaiting() {
        publish(ONE);
        held("one");
        publish(ONE, TWO);
        Sinks.Empty<Void> release = server.hold();
        CompletableFuture<@Nullable List<String>> waiting = Flux.range(0, FetchedKeys.MAX_WAITING + 10)
                .flatMap(_ -> outcome(keys, "two").onErrorResume(CryptoWorkers.BusyException.class,
                        _ -> Mono.just("busy")), Integer.MAX_VALUE)
                .collectList().toFuture();
        release.tryEmitEmpty().orThrow();

        assertThat(waiting).succeedsWithin(LIMIT).satisfies(outcomes -> {
            assertThat(outcomes).filteredOn("busy"::equals).hasSize(10);
            assertThat(outcomes).filteredOn("found"::equals).hasSize(FetchedKeys.MAX_WAITING);
        });
        assertThat(find("two")).isEqualTo("found");
    }

    @Test
    void fetchesNothingForATokenThatNoKeyCouldVerify() {
        publish(ONE);
        held("one");
        CompactToken.Signed forged = (CompactToken.Signed) CompactToken.read(token(ec("one")));

        assertThatThrownBy(() -> get(keys.verify(forged, () -> false, workers)))
                .isInstanceOf(RefusedTokenException.class);
        assertThatThrownBy(() -> get(keys.find(header("unknown"), () -> false)))
                .isInstanceOf(RefusedTokenException.class);
        for (String algorithm : List.of("RS256", "HS256", "none", "ES384")) {
            for (Optional<String> id : List.of(Optional.of("one"), Optional.of("unknown"), Optional.<String>empty())) {
                JoseHeader header = new JoseHeader(algorithm, Optional.empty(), id, Optional.empty());
                assertThatThrownBy(() -> get(keys.find(header, () -> true)))
                        .isInstanceOf(RefusedTokenException.class);
            }
        }
        assertThat(server.asked()).isOne();
    }

    @Test
    void sharesTheBudgetForUnknownIdsAmongIssuers() {
        publish(ONE);
        try (KeyServer otherServer = new KeyServer(); IssuerKeys other = issuer(otherServer.address(), PATIENT)) {
            otherServer.answer(KeyServer.text(json(TWO)));
            FetchBudget spent = budget;
            assertThat(IntStream.range(0, 9).allMatch(_ -> spent.take())).isTrue();

            assertThat(find("unknown")).as("the first fetch needs no budget").isEqualTo("token_key_unknown");
            assertThat(get(outcome(other, "unknown"))).isEqualTo("token_key_unknown");
            assertThat(find("unknown")).as("the last of the budget").isEqualTo("token_key_unknown");
            assertThat(get(outcome(other, "unknown"))).isEqualTo("token_key_unknown");
            assertThat(server.asked()).isEqualTo(2);
            assertThat(otherServer.asked()).isOne();

            clock.move(Duration.ofSeconds(6));
            assertThat(get(outcome(other, "unknown"))).isEqualTo("token_key_unknown");
            assertThat(otherServer.asked()).isEqualTo(2);
        }
    }

    @Test
    void refreshesWithoutTheBudget() {
        publish(ONE);
        held("one");
        while (budget.take()) {
            // Until there is nothing left.
        }
        clock.move(Duration.ofSeconds(1).plus(PATIENT.refreshAfter()));
        while (budget.take()) {
            // And once more, for it has filled up.
        }
        publish(TWO);

        assertThat(find("two")).as("joins the refresh").isEqualTo("found");
        assertThat(server.asked()).isEqualTo(2);
    }

    @Test
    void refreshesInTheBackgroundWhenTheKeysAreUsed() {
        publish(ONE);
        VerificationKey one = held("one");
        publish(ONE, TWO);
        clock.move(PATIENT.refreshAfter().minusMillis(1));
        assertThat(find("one")).isEqualTo("found");
        assertThat(keys.fetches()).isOne();

        clock.move(Duration.ofMillis(1));
        assertThat(keys.isStale()).isTrue();
        Sinks.Empty<Void> release = server.hold();
        assertThat(find("one")).as("without waiting").isEqualTo("found");
        assertThat(keys.holds(one)).isTrue();
        release.tryEmitEmpty().orThrow();

        await().atMost(LIMIT).until(() -> keys.keys() == 2);
        assertThat(keys.isStale()).isFalse();
        assertThat(keys.holds(one)).isTrue();
        assertThat(server.asked()).isEqualTo(2);
    }

    @Test
    void forgetsAKeyThatTheIssuerNoLongerPublishes() {
        publish(ONE, TWO);
        VerificationKey one = held("one");
        publish(TWO);
        clock.move(PATIENT.refreshAfter());

        // Asking whether a key is held causes a refresh, too.
        await().atMost(LIMIT).until(() -> !keys.holds(one));
        assertThat(keys.fetches()).isEqualTo(2);
        assertThat(find("one")).isEqualTo("token_key_unknown");
        assertThat(find("two")).isEqualTo("found");
    }

    @Test
    void forgetsAKeyThatIsReplacedUnderItsId() {
        publish(ONE);
        VerificationKey one = held("one");
        publish(ec("one"));
        clock.move(PATIENT.refreshAfter());

        await().atMost(LIMIT).until(() -> !keys.holds(one));
        assertThat(held("one")).isNotSameAs(one);
    }

    static Stream<KeyServer.Answer> failures() {
        String good = json(ONE, TWO);
        return Stream.of(KeyServer.status(500), KeyServer.statusWith(500, good), KeyServer.statusWith(203, good),
                KeyServer.status(204), KeyServer.status(304), KeyServer.statusWith(404, good),
                KeyServer.text("<html>"), KeyServer.text(""), KeyServer.text("{\"keys\":[]}"),
                KeyServer.text(good + good),
                KeyServer.text(new JWKSet(new OctetSequenceKey.Builder(new byte[40]).keyID("one").build())
                        .toString(false)),
                KeyServer.text(json(IntStream.range(0, 11).mapToObj(_ -> ONE).toArray(ECKey[]::new))),
                KeyServer.text(good + " ".repeat(100_000)), KeyServer.endless(200, good),
                KeyServer.endless(500, good), KeyServer.hangUp(), KeyServer.broken(good));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void isUnavailableIfTheFirstFetchFails(KeyServer.Answer failure) {
        server.answer(failure);

        assertThat(find("one")).isEqualTo("issuer_unavailable");
        assertThat(find("one")).isEqualTo("issuer_unavailable");

        assertThat(server.asked()).isOne();
        assertThat(keys.failures()).isOne();
        assertThat(keys.lastSuccess()).isEmpty();
        assertThat(keys.keys()).isZero();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void keepsItsKeysIfALaterFetchFails(KeyServer.Answer failure) {
        publish(ONE);
        VerificationKey one = held("one");
        server.answer(failure);

        assertThat(find("two")).isEqualTo("token_key_unknown");
        clock.move(PATIENT.refreshAfter());
        assertThat(find("one")).isEqualTo("found");
        assertThat(find("two")).as("sees the refresh to its end").isEqualTo("token_key_unknown");
        assertThat(find("one")).isEqualTo("found");

        assertThat(keys.holds(one)).isTrue();
        assertThat(server.asked()).isEqualTo(3);
        assertThat(keys.failures()).isEqualTo(2);
        assertThat(keys.isStale()).isTrue();
    }

    @Test
    void followsNoRedirect() {
        try (KeyServer other = new KeyServer()) {
            other.answer(KeyServer.text(json(ONE)));
            server.answer(KeyServer.redirect(other.address()));

            assertThat(find("one")).isEqualTo("issuer_unavailable");
            assertThat(other.asked()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 500})
    void abortsAnEndlessAnswer(int status) throws Exception {
        server.answer(KeyServer.endless(status, json(ONE)));

        assertThat(find("one")).isEqualTo("issuer_unavailable");
        assertThat(server.callerGone.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void acceptsAnAnswerOfTheMaximumSize() {
        String good = json(ONE);
        server.answer(KeyServer.text(good + " ".repeat(100_000 - good.length())));

        assertThat(find("one")).isEqualTo("found");
    }

    @Test
    void usesItsKeysWhileTheIssuerIsDownUntilTheyExpire() {
        publish(ONE);
        VerificationKey one = held("one");
        server.close();

        clock.move(PATIENT.expireAfter().minusMillis(1));
        assertThat(find("one")).isEqualTo("found");
        assertThat(find("two")).isEqualTo("token_key_unknown");
        assertThat(keys.holds(one)).isTrue();
        assertThat(keys.keys()).isOne();

        clock.move(Duration.ofMillis(1));
        assertThat(keys.holds(one)).isFalse();
        assertThat(keys.keys()).isZero();
        assertThat(find("one")).isEqualTo("issuer_unavailable");
        assertThat(find("two")).isEqualTo("issuer_unavailable");
        clock.move(PATIENT.retryAfter());
        assertThat(find("one")).isEqualTo("issuer_unavailable");
        assertThat(keys.failures()).isEqualTo(2);
    }

    @Test
    void waitsForNewKeysWhenItsOwnHaveExpired() {
        publish(ONE);
        held("one");
        publish(TWO);
        clock.move(PATIENT.expireAfter());

        assertThat(find("two")).isEqualTo("found");
        assertThat(find("one")).isEqualTo("token_key_unknown");
    }

    @Test
    void retriesAFailedRefreshOnlyAfterTheInterval() {
        publish(ONE);
        held("one");
        server.answer(KeyServer.status(500));
        clock.move(PATIENT.refreshAfter());

        for (int failed = 1; failed <= 3; failed++) {
            find("unknown");
            assertThat(keys.failures()).isEqualTo(failed);
            clock.move(PATIENT.retryAfter().minusMillis(1));
            assertThat(find("one")).isEqualTo("found");
            assertThat(find("unknown")).isEqualTo("token_key_unknown");
            assertThat(server.asked()).isEqualTo(1 + failed);
            clock.move(Duration.ofMillis(1));
        }
        publish(TWO);
        assertThat(find("two")).isEqualTo("found");
        assertThat(keys.isStale()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isUnavailableWithinTheTimeoutAndRetriesLater(boolean begins) throws Exception {
        server.answer(begins ? KeyServer.stalling("{") : KeyServer.nothing());
        try (IssuerKeys impatient = issuer(server.address(), settings(Duration.ofSeconds(2)))) {
            assertThat(sixtyFour(outcome(impatient, "one"))).succeedsWithin(LIMIT)
                    .isEqualTo(Collections.nCopies(64, "issuer_unavailable"));
            assertThat(server.asked()).isOne();
            assertThat(server.callerGone.await(20, TimeUnit.SECONDS)).isTrue();

            clock.move(PATIENT.retryAfter().minusMillis(1));
            CompletableFuture<@Nullable String> inBetween = outcome(impatient, "one").toFuture();
            assertThat(inBetween).as("at once").isCompletedWithValue("issuer_unavailable");
            assertThat(impatient.fetches()).isOne();

            clock.move(Duration.ofMillis(1));
            publish(ONE);
            // A busy machine may miss the short timeout again.
            await().atMost(LIMIT).until(() -> {
                String outcome = get(outcome(impatient, "one"));
                clock.move(PATIENT.retryAfter());
                return outcome.equals("found");
            });
        }
    }

    @Test
    void refreshesIfTheClockIsSetBack() {
        publish(ONE);
        held("one");
        // Publishes both keys, because the refresh may be over before the first look at the keys.
        publish(ONE, TWO);
        clock.move(Duration.ofDays(-10));

        assertThat(find("one")).isEqualTo("found");
        await().atMost(LIMIT).until(() -> keys.lastSuccess().equals(Optional.of(clock.instant())));
        assertThat(find("two")).isEqualTo("found");
        assertThat(server.asked()).isEqualTo(2);
    }

    @Test
    void fetchesNothingOnceItIsClosed() {
        publish(ONE);
        held("one");
        keys.close();
        clock.move(PATIENT.refreshAfter());

        assertThat(find("one")).isEqualTo("found");
        assertThat(find("two")).isEqualTo("token_key_unknown");
        clock.move(PATIENT.expireAfter());
        assertThat(find("one")).isEqualTo("issuer_unavailable");
        assertThat(keys.fetches()).isOne();
        assertThat(server.asked()).isOne();
    }

    @Test
    void cancelsAFetchWhenItIsClosed() throws Exception {
        server.answer(KeyServer.nothing());
        CompletableFuture<@Nullable String> waiting = outcome(keys, "one").toFuture();
        await().atMost(LIMIT).until(() -> server.asked() > 0);

        keys.close();

        assertThat(waiting).succeedsWithin(LIMIT).isEqualTo("issuer_unavailable");
        assertThat(server.callerGone.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(keys.failures()).isZero();
    }

    @Test
    void logsAFailureAndARecoveryOnceEach() {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(FetchedKeys.class);
        log.start();
        logger.addAppender(log);
        URI withPassword = URI.create(server.address().toString().replace("http://", "http://user:secret@"));
        try (IssuerKeys logging = issuer(withPassword, PATIENT)) {
            for (int round = 0; round < 2; round++) {
                server.answer(KeyServer.hangUp());
                clock.move(PATIENT.refreshAfter());
                for (int i = 0; i < 3; i++) {
                    get(outcome(logging, "kid-of-a-stranger"));
                    clock.move(PATIENT.retryAfter());
                }
                publish(ONE);
                assertThat(get(outcome(logging, "one"))).isEqualTo("found");
                clock.move(PATIENT.refreshAfter());
                get(outcome(logging, "kid-of-a-stranger"));
            }
            // The last line may come after the last caller has gone on.
            await().atMost(LIMIT).until(() -> log.list.size() >= 4);
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN, Level.INFO, Level.WARN,
                Level.INFO);
        assertThat(log.list).extracting(ILoggingEvent::getFormattedMessage).startsWith(
                "The keys of the issuer at 127.0.0.1 cannot be fetched: PrematureCloseException",
                "The keys of the issuer at 127.0.0.1 can be fetched again");
    }

    @Test
    void blocksNoEventLoop() throws Exception {
        publish(ONE);
        CountDownLatch found = new CountDownLatch(1);
        // On a thread on which BlockHound lets nothing block.
        var _ = Mono.defer(() -> keys.find(header("one"), () -> true)).subscribeOn(Schedulers.parallel())
                .subscribe(_ -> found.countDown());
        assertThat(found.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://issuer.example/jwks", "file:///etc/keys", "//issuer.example/jwks", "/jwks",
            "https:///jwks", "mailto:keys@issuer.example"})
    void acceptsOnlyHttpAddresses(String address) {
        assertThatThrownBy(() -> issuer(URI.create(address), PATIENT)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("jwks ");
    }

    @Test
    void acceptsOnlySensibleSettings() {
        Duration minute = Duration.ofMinutes(1);
        Duration none = Duration.ZERO;
        assertThatThrownBy(() -> new IssuerKeySettings(none, minute, minute, minute, minute, 1, 1))
                .hasMessage("refresh-after must be more than 0");
        assertThatThrownBy(() -> new IssuerKeySettings(minute, none, minute, minute, minute, 1, 1))
                .hasMessage("expire-after must not be less than refresh-after");
        assertThatThrownBy(() -> new IssuerKeySettings(minute, minute, none, minute, minute, 1, 1))
                .hasMessage("unknown-key-pause must be more than 0");
        assertThatThrownBy(() -> new IssuerKeySettings(minute, minute, minute, none, minute, 1, 1))
                .hasMessage("retry-after must be more than 0");
        assertThatThrownBy(() -> new IssuerKeySettings(minute, minute, minute, minute, none, 1, 1))
                .hasMessage("timeout must be more than 0");
        assertThatThrownBy(() -> new IssuerKeySettings(minute, minute, minute, minute, minute, 0, 1))
                .hasMessage("max-bytes and max-keys must be at least 1");
        assertThatThrownBy(() -> new IssuerKeySettings(minute, minute, minute, minute, minute, 1, 0))
                .hasMessage("max-bytes and max-keys must be at least 1");
    }
}
