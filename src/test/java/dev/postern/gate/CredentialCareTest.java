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
        // A refused call does not count as a use.
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

    /** Rotates a credential, and returns it with its new secret. */
    private static LimitableKind.Made rotate(LimitableKind.Made made, String overlap) {
        Reply rotated = made.customer().manage("POST", made.path() + ":rotate", "{\"overlap\":\"" + overlap + "\"}");
        assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
        assertThat(rotated.json().required("id")).isEqualTo(made.made().required("id"));
        return new LimitableKind.Made(made.kind(), made.customer(), rotated.json(),
                made.kind().text(one, made.customer(), rotated.json(), now()));
    }

    private static JsonNode rotation(LimitableKind.Made made) {
        return made.show().required("rotation");
    }

    private static void assertEverywhere(LimitableKind.Made made, int status) {
        for (TestGate gate : List.of(one, other)) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(call(gate, made).status()).isEqualTo(status));
        }
    }

    private static List<String> records() {
        return one.redis().run(commands -> commands.keys("postern:credential:*")).block(PATIENCE);
    }

    @ParameterizedTest
    @EnumSource(names = {"API_KEY", "STATIC_TOKEN", "ACCESS_TOKEN", "JWT"})
    void bothSecretsWorkUntilTheEndOfTheOverlap(LimitableKind kind) {
        LimitableKind.Made old = make(kind, "");
        other.awaitRemembered(old.text(), "GET", "/devices/lamp", 200);
        assertThat(rotation(old).isNull()).isTrue();
        Instant before = now();

        LimitableKind.Made fresh = rotate(old, "PT1H");

        assertThat(fresh.text()).isNotEqualTo(old.text());
        assertThat(Instant.parse(rotation(fresh).required("old_secret_valid_until").stringValue()))
                .isBetween(before.plusSeconds(3600).minusMillis(1), now().plusSeconds(3600));
        assertThat(rotation(fresh).required("devices_on_old_secret")).isEmpty();
        assertEverywhere(fresh, 200);
        assertThat(rotation(fresh).required("device_count").intValue()).as("no call with the old one").isZero();
        String credential = BACKEND.received().getLast().header("X-Postern-Credential");
        assertEverywhere(old, 200);
        if (kind != LimitableKind.ACCESS_TOKEN) {
            assertThat(BACKEND.received().getLast().header("X-Postern-Credential")).isEqualTo(credential)
                    .isEqualTo(fresh.made().required("id").stringValue());
        }
        await().atMost(PATIENCE).untilAsserted(
                () -> assertThat(rotation(fresh).required("device_count").intValue()).isEqualTo(1));
        JsonNode device = rotation(fresh).required("devices_on_old_secret").get(0);
        assertThat(device.required("device").stringValue()).isEqualTo("lamp");
        assertThat(Instant.parse(device.required("last_call_at").stringValue())).isBetween(before, now());
        JsonNode listed = customer.manage("GET", kind.path(), "").json()
                .required(kind.path().substring(1).replace('-', '_')).get(0);
        assertThat(listed.required("rotation").has("old_secret_valid_until")).isTrue();

        Reply refused = customer.manage("POST", old.path() + ":rotate", "");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().required("reason").stringValue()).isEqualTo("not_possible");
        assertThat(fresh.replace("").status()).as("keeps both").isEqualTo(200);
        assertEverywhere(old, 200);

        move(Duration.ofMinutes(61));

        assertThat(rotation(fresh).isNull()).isTrue();
        if (kind == LimitableKind.ACCESS_TOKEN) {
            // Access tokens outlive the secret with which they were requested.
            assertThat(LimitableKind.requestToken(one, old.made()).status()).isEqualTo(401);
            assertThat(LimitableKind.requestToken(other, fresh.made()).status()).isEqualTo(200);
        } else {
            assertEverywhere(old, 401);
            JsonNode made = fresh.made();
            assertEverywhere(new LimitableKind.Made(kind, customer, made, kind.text(one, customer, made, now())), 200);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"API_KEY", "STATIC_TOKEN", "ACCESS_TOKEN", "JWT"})
    void anOverlapEndsEarly(LimitableKind kind) {
        LimitableKind.Made first = make(kind, "");
        LimitableKind.Made second = rotate(first, "P1D");
        assertEverywhere(second, 200);
        assertThat(customer.manage("POST", first.path() + ":end-rotation",
                "{\"revoke\":\"both\"}").status()).isEqualTo(400);
        Reply undone = customer.manage("POST", first.path() + ":end-rotation",
                "{\"revoke\":\"new\"}");
        assertThat(undone.status()).as(undone.text()).isEqualTo(200);
        assertThat(undone.json().required("rotation").isNull()).isTrue();
        assertSecret(first, true);
        assertSecret(second, false);
        assertThat(customer.manage("POST", first.path() + ":end-rotation", "").status()).isEqualTo(409);

        LimitableKind.Made third = rotate(first, "P1D");
        assertThat(customer.manage("POST", first.path() + ":end-rotation", "").status()).isEqualTo(200);
        assertSecret(first, false);
        assertSecret(third, true);

        LimitableKind.Made fourth = rotate(third, "PT0S");
        assertThat(rotation(fourth).isNull()).isTrue();
        assertSecret(third, false);
        assertSecret(fourth, true);
    }

    /**
     * Checks at both gates whether a secret is valid. For an application, requests a token at one gate instead, because
     * its tokens outlive its secret.
     */
    private static void assertSecret(LimitableKind.Made made, boolean valid) {
        if (made.kind() == LimitableKind.ACCESS_TOKEN) {
            assertThat(LimitableKind.requestToken(one, made.made()).status()).isEqualTo(valid ? 200 : 401);
        } else {
            assertEverywhere(made, valid ? 200 : 401);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"API_KEY", "STATIC_TOKEN"})
    void nothingIsLeftOfARotatedCredential(LimitableKind kind) {
        List<String> before = records();
        LimitableKind.Made made = make(kind, "");
        for (int i = 0; i < 3; i++) {
            made = rotate(made, "PT1H");
            assertThat(call(one, made).status()).isEqualTo(200);
            move(Duration.ofMinutes(61));
        }
        assertThat(records()).as("its record, its secret and the one before").hasSize(before.size() + 3);
        LimitableKind.Made last = rotate(made, "PT1H");
        assertThat(records()).hasSize(before.size() + 3);
        assertThat(call(one, made).status()).isEqualTo(200);
        await().atMost(PATIENCE).until(() -> rotation(last).required("device_count").intValue() == 1);

        assertThat(customer.manage("DELETE", last.path(), "").status()).isEqualTo(204);

        assertThat(records()).containsExactlyInAnyOrderElementsOf(before);
        assertThat(one.redis().run(commands -> commands.keys("postern:{" + customer.account() + "}:*"))
                .block(PATIENCE)).noneMatch(key -> key.contains("old-secret") || key.contains("credential-calls:"));
        assertEverywhere(last, 401);
        assertEverywhere(made, 401);
    }

    @Test
    void theOwnerSeesAndUsesTheNewKey() {
        LimitableKind.Made old = make(LimitableKind.API_KEY, "");
        LimitableKind.Made fresh = rotate(old, "PT1H");

        assertThat(customer.manage("GET", old.path() + "/key", "").json().required("key").stringValue())
                .isEqualTo(fresh.text());
        JsonNode keys = customer.keys("GET", "/keys", "").required("data").required("keys");
        assertThat(keys).hasSize(1);
        assertThat(keys.get(0).required("key").stringValue()).isEqualTo(fresh.text());
        for (String key : List.of(old.text(), fresh.text())) {
            assertThat(customer.keys("GET", "/keys?key=" + key, "").required("data").required("total_count")
                    .intValue()).isEqualTo(1);
            String device = key.equals(old.text()) ? "by-old" : "by-fresh";
            assertThat(customer.keys("PUT", "/keys/" + key + "/devices", "{\"add_dev_ids\":[\"" + device + "\"]}")
                    .required("errno").intValue()).isZero();
        }
        move(Duration.ofMinutes(61));
        assertThat(customer.keys("PUT", "/keys/" + old.text(), "{\"title\":\"t\",\"permissions\":[]}")
                .required("errno").intValue()).isEqualTo(40410);
        assertThat(customer.keys("DELETE", "/keys/" + old.text(), "").required("errno").intValue()).isEqualTo(40410);
        assertThat(customer.keys("DELETE", "/keys/" + fresh.text(), "").required("errno").intValue()).isZero();
        assertEverywhere(fresh, 401);
        assertThat(customer.keys("GET", "/keys", "").required("data").required("total_count").intValue()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"1 day\"", "\"-PT1H\"", "\"P91D\"", "\"P1M\"", "5", "null"})
    void refusesAnOverlapThatIsNone(String overlap) {
        LimitableKind.Made made = make(LimitableKind.STATIC_TOKEN, "");

        Reply refused = customer.manage("POST", made.path() + ":rotate", "{\"overlap\":" + overlap + "}");

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().required("detail").stringValue()).startsWith("overlap ");
        assertThat(rotation(made).isNull()).isTrue();
    }

    @Test
    void aKeyPairIsNotRotated() {
        LimitableKind.Made rsa = make(LimitableKind.RSA, "");
        assertThat(customer.manage("POST", rsa.path() + ":rotate", "").status()).isEqualTo(405);
        JsonNode jwt = customer.make("/jwt-tokens", "{\"name\":\"own key " + customer.account()
                + "\",\"apis\":[\"devices\"],\"users\":[\"u\"],\"public_key\":{\"kty\":\"EC\",\"crv\":\"P-256\","
                + "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                + "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}}");
        Reply refused = customer.manage("POST", "/jwt-tokens/" + jwt.required("id").stringValue() + ":rotate", "");
        assertThat(refused.status()).isEqualTo(409);
    }
}
