package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.LimitableKind;
import dev.postern.support.MovableClock;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestRedisServer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Limits, use and rotation of credentials, with two gates on one Redis. */
@OwnsItsGate
class CredentialCareTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestRedisServer REDIS = new TestRedisServer();
    private static TestGate one;
    private static TestGate other;

    private Customer customer;

    @BeforeAll
    static void start() {
        String[] properties = REDIS.properties("postern.backend=" + BACKEND.address(),
                "postern.secret-keys.file=" + REDIS.directory() + "/secret-keys.json");
        one = TestGate.start(new Class<?>[]{MovableClock.InTheGate.class}, properties);
        other = TestGate.start(new Class<?>[]{MovableClock.InTheGate.class}, properties);
        one.awaitLive();
        other.awaitLive();
    }

    @AfterAll
    static void stop() {
        other.close();
        one.close();
        REDIS.close();
        BACKEND.close();
    }

    @BeforeEach
    void newCustomer() {
        customer = LimitableKind.newCustomer(one);
    }

    private static Instant now() {
        return one.context().getBean(MovableClock.class).instant();
    }

    private static void move(Duration by) {
        one.context().getBean(MovableClock.class).move(by);
        other.context().getBean(MovableClock.class).move(by);
    }

    private static Reply call(TestGate gate, LimitableKind.Made made) {
        return gate.call(made.text(), "GET", "/devices/lamp");
    }

    private LimitableKind.Made make(LimitableKind kind, String more) {
        return kind.make(one, customer, now(), more);
    }

    @ParameterizedTest
    @EnumSource
    void aLimitThatIsSetAtOneGateIsKnownAtTheOther(LimitableKind kind) {
        LimitableKind.Made made = make(kind, "");
        other.awaitRemembered(made.text(), "GET", "/devices/lamp", 200);

        assertThat(made.replace("\"allowed_networks\":[\"10.0.0.0/8\"]").status()).isEqualTo(200);
        await().atMost(PATIENCE).untilAsserted(
                () -> assertThat(call(other, made).reason()).isEqualTo("address_not_permitted"));

        assertThat(made.replace("\"allowed_networks\":[],\"expires_at\":\"" + now() + "\"").status()).isEqualTo(200);
        await().atMost(PATIENCE).untilAsserted(
                () -> assertThat(call(other, made).reason()).isEqualTo("credential_invalid"));

        assertThat(made.replace("\"expires_at\":null").status()).isEqualTo(200);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(call(other, made).status()).isEqualTo(200));
    }

    @ParameterizedTest
    @EnumSource
    void showsWhenAndHowOftenItWasUsed(LimitableKind kind) {
        LimitableKind.Made made = make(kind, "");
        assertThat(made.made().required("last_used_at").isNull()).isTrue();
        assertThat(made.show().required("last_used_at").isNull()).isTrue();
        Instant before = now();
        for (int i = 0; i < 3; i++) {
            assertThat(call(one, made).status()).isEqualTo(200);
            assertThat(call(other, made).status()).isEqualTo(200);
        }
        // What is refused is no use.
        assertThat(one.call(made.text(), "DELETE", "/devices/lamp").status()).isIn(200, 403);
        int calls = kind == LimitableKind.RSA || kind == LimitableKind.JWT ? 7 : 6;

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(callsToday(made)).isEqualTo(calls));
        assertThat(Instant.parse(made.show().required("last_used_at").stringValue()))
                .isBetween(before.minusSeconds(1), now());
        JsonNode listed = customer.manage("GET", kind.path(), "").json();
        assertThat(listed.required(kind.path().substring(1).replace('-', '_')).get(0).required("last_used_at"))
                .isEqualTo(made.show().required("last_used_at"));
        assertThat(made.replace("").json().required("last_used_at").isString()).isTrue();

        assertThat(customer.manage("DELETE", made.path(), "").status()).isEqualTo(204);
        assertThat(customer.manage("GET", made.path() + "/usage", "").status()).isEqualTo(404);
    }

    private static long callsToday(LimitableKind.Made made) {
        LocalDate today = LocalDate.ofInstant(now(), ZoneOffset.UTC);
        JsonNode usage = made.customer().manage("GET", made.path() + "/usage?from=" + today.minusDays(1) + "&to="
                + today, "").json();
        assertThat(usage.required("days")).hasSize(2);
        return usage.required("calls").longValue();
    }

    @Test
    void findsWhatIsNotUsedAnyMore() {
        LimitableKind.Made used = make(LimitableKind.STATIC_TOKEN, "");
        customer.make("/static-tokens", "{\"name\":\"never used " + customer.account() + "\"}");
        assertThat(call(one, used).status()).isEqualTo(200);
        await().atMost(PATIENCE).until(() -> used.show().required("last_used_at").isString());
        Instant then = now().plusSeconds(1);
        move(Duration.ofDays(1));
        customer.make("/static-tokens", "{\"name\":\"new " + customer.account() + "\"}");

        assertThat(names("?unused_since=" + then)).containsExactly("STATIC_TOKEN", "never");
        assertThat(names("?unused_since=" + then + "&name=never")).containsExactly("never");
        assertThat(names("?unused_since=2020-01-01")).isEmpty();
        assertThat(call(other, used).status()).isEqualTo(200);
        await().atMost(PATIENCE).untilAsserted(
                () -> assertThat(names("?unused_since=" + then)).containsExactly("never"));
        assertThat(names("?unused_since=" + now().plus(Duration.ofDays(1)))).containsExactly("STATIC_TOKEN", "never",
                "new");
    }

    @Test
    void findsWhatIsAboutToExpire() {
        for (int days : new int[]{1, 10, 40}) {
            customer.make("/static-tokens", "{\"name\":\"in-" + days + " " + customer.account() + "\",\"expires_at\":\""
                    + now().plus(Duration.ofDays(days)) + "\"}");
        }
        customer.make("/static-tokens", "{\"name\":\"never " + customer.account() + "\"}");
        customer.make("/static-tokens", "{\"name\":\"past " + customer.account() + "\",\"expires_at\":\""
                + now().minusSeconds(1) + "\"}");

        assertThat(names("?expiring_within=P30D")).containsExactly("in-1", "in-10");
        assertThat(names("?expiring_within=PT36H&unused_since=2999-01-01")).containsExactly("in-1");
        JsonNode page = customer.manage("GET", "/static-tokens?expiring_within=P30D&per_page=1&page=2", "").json();
        assertThat(page.required("total_count").intValue()).isEqualTo(2);
        assertThat(page.required("static_tokens")).hasSize(1);
    }

    /** The first word of each name, in the order of the list. */
    private List<String> names(String query) {
        JsonNode list = customer.manage("GET", "/static-tokens" + query, "").json().required("static_tokens");
        return StreamSupport.stream(list.spliterator(), false)
                .map(token -> token.required("name").stringValue().replaceFirst(" .*", "")).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"unused_since=yesterday", "unused_since=5", "expiring_within=30", "expiring_within=P1M",
            "expiring_within=-P1D", "expiring_within=PT0S", "expiring_within=P99999999D",
            "expiring_within=P1D&expiring_within=P2D"})
    void refusesAFilterThatIsNone(String query) {
        for (String kind : List.of("api-keys", "static-tokens", "applications", "rsa-tokens", "jwt-tokens")) {
            Reply refused = customer.manage("GET", "/" + kind + "?" + query, "");
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.json().required("detail").stringValue()).startsWith(query.substring(0, 8));
        }
    }
}
