package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.support.MovedGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestRedisServer;
import dev.postern.support.UsesSharedGate;
import dev.postern.usage.ActiveDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * {@code /api/v1/accounts/{account}/usage} over a real socket, and what becomes of counts when Redis or the gate stops.
 */
@UsesSharedGate
class UsageTest {
    private static final TestGate GATE = MovedGate.GATE;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Customer customer = GATE.newCustomer();

    /** So that the day does not change within a test. */
    @BeforeAll
    static void goOnToNoon() {
        long secondsOfDay = MovedGate.CLOCK.instant().getEpochSecond() % Duration.ofDays(1).toSeconds();
        MovedGate.CLOCK.move(Duration.ofHours(36).minusSeconds(secondsOfDay));
    }

    @Test
    void showsDaysMonthsAndTotalOfARange() {
        LocalDate today = today();
        note(GATE, customer.account(), "lamp", "door");
        MovedGate.CLOCK.move(Duration.ofDays(1));
        note(GATE, customer.account(), "lamp", "car");
        awaitWritten(GATE);

        Reply reply = customer.manage("GET", "/usage?from=" + today + "&to=" + today.plusDays(1), "");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).contains("application/json");
        JsonNode usage = reply.json();
        assertThat(usage.propertyNames()).containsExactly("from", "to", "active_devices", "days", "months");
        assertThat(usage.required("from").stringValue()).isEqualTo(today.toString());
        assertThat(usage.required("to").stringValue()).isEqualTo(today.plusDays(1).toString());
        assertThat(usage.required("active_devices").longValue()).isEqualTo(3);
        assertThat(usage.required("days")).hasToString("[{\"day\":\"" + today + "\",\"active_devices\":2},{\"day\":\""
                + today.plusDays(1) + "\",\"active_devices\":2}]");
        assertThat(usage.required("months").get(0).required("month").stringValue())
                .isEqualTo(today.toString().substring(0, 7));
    }

    @Test
    void coversTheMonthUntilTodayByDefault() {
        LocalDate today = today();
        note(GATE, customer.account(), "lamp");
        awaitWritten(GATE);

        JsonNode usage = customer.manage("GET", "/usage", "").json();
        JsonNode february = customer.manage("GET", "/usage?to=2026-02-11", "").json();

        assertThat(usage.required("from").stringValue()).isEqualTo(today.withDayOfMonth(1).toString());
        assertThat(usage.required("to").stringValue()).isEqualTo(today.toString());
        assertThat(usage.required("days").size()).isEqualTo(today.getDayOfMonth());
        assertThat(usage.required("active_devices").longValue()).isEqualTo(1);
        assertThat(february.required("from").stringValue()).isEqualTo("2026-02-01");
        assertThat(february.required("days").size()).isEqualTo(11);
        assertThat(february.required("months")).hasToString("[{\"month\":\"2026-02\",\"active_devices\":0}]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "from=yesterday | from is not a date",
            "to=2026-02-30 | to is not a date",
            "to=2026-2-3 | to is not a date",
            "to=%2B99999-01-01 | to is not a date",
            "from= | from is not a date",
            "from | from is not a date",
            "from=2026-02-02&to=2026-02-01 | from is after to",
            "from=2026-01-01&to=2027-02-05 | from and to span more than 400 days",
            "from=0000-01-01&to=9999-12-31 | from and to span more than 400 days",
            "from=2026-02-01&from=2026-02-01 | from is given more than once",
            "to=2026-02-01&to=2026-02-01 | to is given more than once",
            "until=2026-02-01 | allowed are from, to"})
    void refusesWhatItDoesNotUnderstand(String query, String complaint) {
        Reply reply = customer.manage("GET", "/usage?" + query, "");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.reason()).isEqualTo("field_invalid");
        assertThat(reply.json().required("detail").stringValue()).contains(complaint);
    }

    @Test
    void answersForTheFullLengthAndForTheLastOfYears() {
        assertThat(customer.manage("GET", "/usage?from=2026-01-01&to=2027-02-04", "").json().required("days").size())
                .isEqualTo(400);
        assertThat(customer.manage("GET", "/usage?to=9999-12-31", "").json().required("days").size()).isEqualTo(31);
        assertThat(customer.manage("GET", "/usage?from=0000-01-01&to=0000-01-01", "").status()).isEqualTo(200);
    }

    @Test
    void hidesUsageOfMissingAccountsAndFromThePublicPort() {
        assertThat(GATE.operate("GET", "/api/v1/accounts/nobody/usage", "").status()).isEqualTo(404);
        String path = "/api/v1/accounts/" + customer.account() + "/usage";
        assertThat(RawHttp.call(GATE.managementPort(), "GET", path, "").status()).isEqualTo(401);
        assertThat(GATE.call(customer.masterKey(), "GET", path).status()).isEqualTo(404);
    }

    @Test
    void startsOverIfAnAccountIsRecreated() {
        note(GATE, customer.account(), "lamp", "door");
        awaitWritten(GATE);
        note(GATE, customer.account(), "car");
        assertThat(customer.manage("DELETE", "", "").status()).isEqualTo(204);

        assertThat(GATE.operate("POST", "/api/v1/accounts", "{\"id\":\"" + customer.account() + "\",\"name\":\"n\"}")
                .status()).isEqualTo(201);
        assertThat(customer.manage("GET", "/usage", "").json().required("active_devices").longValue()).isZero();

        note(GATE, customer.account(), "lamp");
        awaitWritten(GATE);
        assertThat(customer.manage("GET", "/usage", "").json().required("active_devices").longValue()).isEqualTo(1);
    }

    @Test
    void exportsPendingAndDroppedDevices() {
        assertThat(RawHttp.call(GATE.managementPort(), "GET", "/actuator/prometheus", "").text())
                .contains("postern_active_devices_pending ", "postern_active_devices_dropped_total ");
    }

    @Test
    void countsCallsDuringAnOutage() {
        try (TestRedisServer redis = new TestRedisServer();
                TestGate gate = TestGate.start(redis.properties("postern.backend=http://127.0.0.1:1"))) {
            Customer caller = gate.newCustomer();
            redis.stop();
            await().atMost(PATIENCE).until(() -> !gate.redis().isConnected());
            note(gate, caller.account(), "lamp", "door");
            assertThat(gate.context().getBean(ActiveDevices.class).pending()).isEqualTo(2);

            redis.start();
            gate.awaitLive();
            awaitWritten(gate);

            // The connection for management may be back a moment later than the one that wrote.
            await().atMost(PATIENCE).untilAsserted(() -> {
                Reply usage = caller.manage("GET", "/usage?" + aroundToday(), "");
                assertThat(usage.status()).as(usage::text).isEqualTo(200);
                assertThat(usage.json().required("active_devices").longValue()).isEqualTo(2);
            });
        }
    }

    @Test
    void writesTheLastCountsWhenTheGateStops() throws IOException {
        String data = "postern.data-dir=" + Files.createTempDirectory(Path.of("target"), "gate-").toAbsolutePath();
        try (TestRedisServer redis = new TestRedisServer()) {
            String[] properties = redis.properties("postern.backend=http://127.0.0.1:1", data);
            String account;
            try (TestGate gate = TestGate.start(properties)) {
                account = gate.newCustomer().account();
                note(gate, account, "lamp", "door", "car");
            }
            try (TestGate gate = TestGate.start(properties)) {
                assertThat(gate.operate("GET", "/api/v1/accounts/" + account + "/usage?" + aroundToday(), "").json()
                        .required("active_devices").longValue()).isEqualTo(3);
            }
        }
    }

    private static String aroundToday() {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        return "from=" + today.minusDays(1) + "&to=" + today.plusDays(1);
    }

    private static LocalDate today() {
        return LocalDate.ofInstant(MovedGate.CLOCK.instant(), ZoneOffset.UTC);
    }

    private static void note(TestGate gate, String account, String... devices) {
        gate.context().getBean(ActiveDevices.class).note(new AccountId(account),
                Stream.of(devices).map(DeviceId::new).toList());
    }

    private static void awaitWritten(TestGate gate) {
        await().atMost(PATIENCE).until(() -> gate.context().getBean(ActiveDevices.class).pending() == 0);
    }
}
