package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.store.SecretKeys;
import dev.postern.store.TestRedis;
import dev.postern.support.AtOnce;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code Idempotency-Key}, over a real socket. */
@UsesSharedGate
class IdempotencyTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String APPLICATION = "{\"name\":\"a\",\"kind\":\"software\"}";
    private static final RememberedCalls CALLS = new RememberedCalls(GATE.redis(),
            GATE.context().getBean(SecretKeys.class), Clock.systemUTC());

    private static final Caller OPERATOR = Caller.operatorToken("here");

    private final Customer customer = GATE.newCustomer();
    private final String key = "key of " + customer.account();

    /** Forgets how many keys the operator has used, so that the tests together do not use too many. */
    @AfterEach
    void forgetTheKeys() {
        GATE.redis().run(commands -> commands.del(bookkeeping("keys"), bookkeeping("sizes"))).block();
    }

    private static String bookkeeping(String last) {
        return "postern:{idempotency:" + CALLS.attempt(OPERATOR, "", "", new byte[0]).caller() + "}:"
                + last;
    }

    private Reply post(String path, String body, String key) {
        return customer.manage("POST", path, body, "Idempotency-Key: " + key);
    }

    private int applications() {
        return customer.manage("GET", "/applications", "").json().required("total_count").intValue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
            "/projects | {\"name\":\"n\",\"devices\":[]}", "/users | {\"name\":\"n\",\"devices\":[]}",
            "/static-tokens | {\"name\":\"#\"}", "/applications | {\"name\":\"a\",\"kind\":\"hardware\"}",
            "/jwt-tokens | {\"name\":\"#\",\"apis\":[],\"users\":[]}",
            "/rsa-tokens | {\"name\":\"#\",\"apis\":[],\"projects\":[]}",
            "/blocked-subjects | {\"issuer\":\"test\",\"subject\":\"alice\"}",
            "/devices | {\"id\":\"#\",\"title\":\"n\"}"})
    void aRepeatedCallIsAnsweredAsBeforeAndMakesNothing(String path, String template) {
        String body = template.replace("#", path.substring(1) + customer.account());

        Reply first = post(path, body, key);
        Reply second = post(path, body, key);

        assertThat(first.status()).as(first.text()).isEqualTo(201);
        assertThat(first.header("Idempotency-Replayed")).isEmpty();
        assertThat(second.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(second.status()).isEqualTo(201);
        assertThat(second.text()).isEqualTo(first.text());
        for (String header : List.of("Location", "ETag", "Content-Type", "Cache-Control")) {
            assertThat(second.header(header)).as(header).isEqualTo(first.header(header));
        }
        assertThat(customer.manage("GET", path, "").json().required("total_count").intValue()).isEqualTo(1);
    }

    @Test
    void aMasterKeyIsReplacedOnce() {
        Reply first = post("/master-key", "", key);
        Reply second = post("/master-key", "", key);

        assertThat(second.text()).isEqualTo(first.text());
        assertThat(second.status()).isEqualTo(200);
        assertThat(GATE.call(first.json().required("master_key").stringValue(), "GET", "/devices").status())
                .as("a second replacement would have revoked it").isEqualTo(200);
    }

    @Test
    void anAccountIsMadeOnceAndOthersMayUseTheSameKeyAtAnotherPath() {
        String body = "{\"id\":\"once-" + customer.account() + "\",\"name\":\"n\"}";
        Reply first = GATE.operate("POST", "/api/v1/accounts", body, "Idempotency-Key: " + key);

        assertThat(first.status()).isEqualTo(201);
        assertThat(GATE.operate("POST", "/api/v1/accounts", body, "Idempotency-Key: " + key).text())
                .isEqualTo(first.text());
        assertThat(post("/applications", APPLICATION, key).status()).isEqualTo(201);
        assertThat(GATE.newCustomer().manage("POST", "/applications", APPLICATION, "Idempotency-Key: " + key)
                .header("Idempotency-Replayed")).isEmpty();
    }

    @Test
    void anotherBodyIsRefused() {
        post("/applications", APPLICATION, key);

        Reply other = post("/applications", APPLICATION.replace("\"a\"", "\"b\""), key);

        assertThat(other.status()).isEqualTo(422);
        assertThat(other.reason()).isEqualTo("idempotency_key_reused");
        assertThat(applications()).isEqualTo(1);
    }

    @Test
    void ofCallsAtTheSameTimeOneIsMade() throws Exception {
        for (int round = 0; round < 5; round++) {
            String once = key + round;
            List<Reply> replies = AtOnce.run(6, () -> post("/applications", APPLICATION, once));

            assertThat(replies).filteredOn(reply -> reply.status() == 201
                    && reply.header("Idempotency-Replayed").isEmpty()).hasSize(1);
            assertThat(replies).filteredOn(reply -> reply.status() != 201).allSatisfy(reply -> {
                assertThat(reply.status()).isEqualTo(409);
                assertThat(reply.reason()).isEqualTo("idempotency_in_progress");
                assertThat(reply.header("Retry-After")).isNotEmpty();
            });
            assertThat(applications()).isEqualTo(round + 1);
        }
    }

    @Test
    void aCallThatChangedNothingCanBeMendedAndRepeated() {
        assertThat(post("/applications", "{\"name\":\"a\"}", key).status()).isEqualTo(400);
        assertThat(post("/projects", "{\"id\":\"p\",\"name\":\"n\",\"devices\":[]}", "one").status()).isEqualTo(201);
        assertThat(post("/projects", "{\"id\":\"p\",\"name\":\"n\",\"devices\":[]}", key).status()).isEqualTo(409);

        assertThat(post("/applications", APPLICATION, key).status()).isEqualTo(201);
        assertThat(post("/projects", "{\"id\":\"q\",\"name\":\"n\",\"devices\":[]}", key).status()).isEqualTo(201);
    }

    @Test
    void anInterruptedCallIsInProgressForAMinuteAtMost() {
        RememberedCalls.Attempt crashed = attempt("/applications", APPLICATION);
        assertThat(CALLS.begin(crashed).block()).isEmpty();

        assertThat(post("/applications", APPLICATION, key).reason()).isEqualTo("idempotency_in_progress");
        assertThat(GATE.redis().run(commands -> commands.pttl(record(crashed))).block()).isBetween(1L, 60_000L);
        assertThat(applications()).isZero();

        GATE.redis().run(commands -> commands.del(record(crashed))).block();
        assertThat(post("/applications", APPLICATION, key).status()).as("when the minute is over").isEqualTo(201);
        // The crashed gate was only slow: it must not overwrite what another has made since.
        CALLS.keep(crashed, new RememberedCalls.Reply(201, null, null, "late")).block();
        assertThat(post("/applications", APPLICATION, key).text()).doesNotContain("late");
    }

    private RememberedCalls.Attempt attempt(String path, String body) {
        return CALLS.attempt(OPERATOR, "/api/v1/accounts/" + customer.account() + path, key,
                body.getBytes(StandardCharsets.UTF_8));
    }

    private static String record(RememberedCalls.Attempt attempt) {
        return bookkeeping(attempt.index());
    }

    @Test
    void aClientThatHangsUpFindsTheReplyLater() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.managementPort())) {
            socket.getOutputStream().write(("POST /api/v1/accounts/" + customer.account() + "/applications HTTP/1.1\r\n"
                    + "Host: h\r\nAuthorization: Bearer " + TestGate.OPERATOR_TOKEN + "\r\nIdempotency-Key: " + key
                    + "\r\nContent-Length: " + APPLICATION.length() + "\r\n\r\n" + APPLICATION)
                    .getBytes(StandardCharsets.US_ASCII));
        }
        await().atMost(TestRedis.LIMIT)
                .until(() -> post("/applications", APPLICATION, key).status() == 201);
        assertThat(applications()).isEqualTo(1);
    }

    @Test
    void nothingIsMadeIfItCannotBeRemembered() {
        GATE.redis().run(commands -> commands.set(bookkeeping("keys"), "of another type")).block();

        assertThat(post("/applications", APPLICATION, key).status()).isEqualTo(500);
        assertThat(applications()).isZero();
    }

    @Test
    void anotherKeyIsRefusedIfThereAreTooMany() {
        Object[] many = IntStream.range(0, 10_000).boxed()
                .flatMap(i -> Stream.of((Object) 1e15, "k" + i)).toArray();
        GATE.redis().run(commands -> commands.zadd(bookkeeping("keys"), many)).block();

        assertThat(post("/applications", APPLICATION, key).reason()).isEqualTo("limit_reached");
        assertThat(applications()).isZero();

        GATE.redis().run(commands -> commands.zadd(bookkeeping("keys"), 1, "k0")).block();
        assertThat(post("/applications", APPLICATION, key).status()).as("one has expired").isEqualTo(201);
    }

    @Test
    void aReplyThatIsTooLargeOrHasNoRoomIsNotKept() {
        RememberedCalls.Attempt large = attempt("/large", "");
        CALLS.begin(large).block();
        CALLS.keep(large, new RememberedCalls.Reply(201, null, null, "x".repeat(RememberedCalls.MAX_REPLY))).block();
        assertThatThrownBy(() -> CALLS.begin(large).block()).isInstanceOfSatisfying(ProblemException.class,
                known -> assertThat(known.problem()).isEqualTo(Problem.IDEMPOTENCY_REPLY_NOT_KEPT));

        GATE.redis().run(commands -> commands.hset(bookkeeping("sizes"), "total", "16777000")).block();
        assertThat(post("/applications", APPLICATION, key).status()).isEqualTo(201);
        Reply again = post("/applications", APPLICATION, key);
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.reason()).isEqualTo("idempotency_reply_not_kept");
        assertThat(applications()).isEqualTo(1);
    }

    @Test
    void whatIsKeptRevealsNothingAndExpiresInADay() {
        String secret = post("/applications", APPLICATION, key).json().required("app_secret").stringValue();

        String record = record(attempt("/applications", APPLICATION));
        String kept = Objects.requireNonNull(GATE.redis().run(commands -> commands.get(record)).block());

        assertThat(kept).startsWith("1|done|").doesNotContain(secret, "app_secret", "software");
        assertThat(record).doesNotContain(key, customer.account());
        assertThat(GATE.redis().run(commands -> commands.pttl(record)).block())
                .isBetween(86_000_000L, 86_400_000L);
        assertThat(GATE.redis().run(commands -> commands.hget(bookkeeping("sizes"), "total")).block())
                .isEqualTo(Integer.toString(kept.substring(kept.lastIndexOf('|') + 1).length()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Idempotency-Key:", "Idempotency-Key: käy", "Idempotency-Key: a\tb",
            "Idempotency-Key: a\r\nIdempotency-Key: b", "LONG"})
    void whatIsNoKeyIsRefused(String line) {
        Reply reply = customer.manage("POST", "/applications", APPLICATION,
                line.equals("LONG") ? "Idempotency-Key: " + "x".repeat(256) : line);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.reason()).isEqualTo("request_malformed");
        assertThat(applications()).isZero();
    }

    @Test
    void theLongestKeyIsTaken() {
        assertThat(post("/applications", APPLICATION, "x".repeat(255)).status()).isEqualTo(201);
    }

    static Stream<Operation> withoutKeys() {
        return Operations.of(GATE).stream().filter(operation -> !operation.has(Trait.IDEMPOTENCY_KEY));
    }

    @ParameterizedTest
    @MethodSource("withoutKeys")
    void aKeyIsNeverIgnored(Operation operation) {
        Reply reply = GATE.operate(operation.method().name(), operation.path().replaceAll("\\{[a-z]+}", "nothing"),
                "{}", "Idempotency-Key: x");

        assertThat(reply.json().required("detail").stringValue())
                .isEqualTo("This call does not support Idempotency-Key.");
    }

    @Test
    void everyPostThatChangesSomethingTakesAKeyExceptImports() {
        assertThat(withoutKeys()
                .filter(operation -> operation.method().name().equals("POST") && operation.changes())
                .map(Operation::id)).containsExactlyInAnyOrder("importDevices", "importDocument", "importAccount");
    }
}
