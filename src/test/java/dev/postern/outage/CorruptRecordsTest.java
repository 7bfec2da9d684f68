package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import io.lettuce.core.XAddArgs;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * A record in Redis that the gate cannot read, written by hand or by a newer gate, harms only the calls that need it.
 */
@ExtendWith(OutputCaptureExtension.class)
@NeedsTheMachine
class CorruptRecordsTest {
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.license.enabled=true", "postern.license.minimum-devices=0", "postern.cache.time-to-live=1s",
            "postern.cache.absent-for=1s");
    private static final String HEAD = "postern:{changes}:head";
    private static final String CHANGES = "postern:{changes}:log";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Customer customer = GATE.newCustomer();
    private final String device = customer.account() + "-lamp";

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.close();
    }

    private String newKey() {
        customer.manage("POST", "/devices", "{\"id\":\"" + device + "\",\"title\":\"one\"}");
        return customer.newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"" + device + "\"}]}]");
    }

    private Reply call(String key) {
        return GATE.call(key, "GET", "/devices/" + device);
    }

    private static void write(String key, String text) {
        GATE.redis().run(commands -> commands.set(key, text)).block();
    }

    private static String read(String key) {
        return GATE.redis().run(commands -> commands.get(key)).blockOptional().orElseThrow();
    }

    private static double counted() {
        return GATE.operate("GET", "/actuator/prometheus", "").text().lines()
                .filter(line -> line.startsWith("postern_store_records_unreadable_total "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ')))).sum();
    }

    /**
     * Asserts that the call is refused and that the record is counted and named in the log; that all others are served;
     * and that the call is allowed once the record is mended.
     */
    private void assertHarmsOnlyThis(String key, String record, Runnable harm, Runnable mend, CapturedOutput output) {
        Customer neighbour = GATE.newCustomer();
        neighbour.manage("POST", "/devices", "{\"id\":\"" + neighbour.account() + "\",\"title\":\"one\"}");
        double before = counted();
        BACKEND.forget();

        harm.run();
        for (int i = 0; i < 5; i++) {
            Reply refused = call(key);
            assertThat(refused.status()).isEqualTo(500);
            assertThat(refused.reason()).isEqualTo("record_unreadable");
            assertThat(refused.text()).doesNotContain(record);
        }
        assertThat(BACKEND.received()).isEmpty();
        assertThat(counted() - before).isEqualTo(5);
        assertThat(output.getAll().lines().filter(line -> line.contains(record))).as("told once").hasSize(1)
                .allMatch(line -> line.contains("ERROR"));
        assertThat(GATE.call(neighbour.masterKey(), "GET", "/devices/" + neighbour.account()).status()).isEqualTo(200);

        mend.run();
        await().atMost(LIMIT).until(() -> call(key).status() == 200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{", "{\"v\":1}", "{\"v\":2,\"account\":\"acme\",\"kind\":\"master-key\"}",
            "{\"v\":1,\"account\":\"acme\",\"kind\":\"quantum-key\"}",
            "{\"v\":1,\"account\":\"acme\",\"kind\":\"master-key\",\"more\":true}", "\u0000\u0001"})
    void ofACredential(String text, CapturedOutput output) {
        String key = newKey();
        String record = GATE.recordOf(key);
        String good = read(record);

        assertHarmsOnlyThis(key, record, () -> write(record, text), () -> write(record, good), output);
    }

    @Test
    void ofACredentialThatIsOfAnotherType(CapturedOutput output) {
        String key = newKey();
        String record = GATE.recordOf(key);
        String good = read(record);

        assertHarmsOnlyThis(key, record, () -> {
            GATE.redis().run(commands -> commands.del(record)).block();
            GATE.redis().run(commands -> commands.lpush(record, "by hand")).block();
        }, () -> write(record, good), output);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2|paid|5|1|2|1", "by hand"})
    void ofALicense(String terms, CapturedOutput output) {
        String key = newKey();
        String record = "postern:{" + customer.account() + "}:license";

        assertHarmsOnlyThis(key, record, () -> {
            GATE.redis().run(commands -> commands.hset(record, "terms", terms)).block();
        }, () -> GATE.redis().run(commands -> commands.hdel(record, "terms")).block(), output);
    }

    @Test
    void ofDevicesThatAreOfAnotherType(CapturedOutput output) {
        String key = newKey();
        String devices = "postern:{" + customer.account() + "}:devices";
        String kept = devices + ":kept";

        // The log names the first key of the script; all keys of the script are of this account.
        assertHarmsOnlyThis(key, "postern:{" + customer.account() + "}", () -> {
            GATE.redis().run(commands -> commands.rename(devices, kept)).block();
            write(devices, "by hand");
        }, () -> GATE.redis().run(commands -> commands.rename(kept, devices)).block(), output);
    }

    @Test
    void ofAGate() {
        String gates = "postern:{changes}:gates";
        GATE.redis().run(commands -> commands.hset(gates, "newer", "{\"state\":\"hovering\"}")).block();
        beat("newer");
        try {
            Reply list = GATE.operate("GET", "/api/v1/gates", "");
            assertThat(list.status()).isEqualTo(200);
            assertThat(list.json().required("gates")).hasSize(2);
            assertThat(list.text()).contains("\"version\":\"unreadable\"");
            String token = customer.make("/static-tokens", "{\"name\":\"a token\"}").required("id").stringValue();
            Reply receipt = customer.manage("DELETE", "/static-tokens/" + token + "?receipt=true", "");
            assertThat(receipt.status()).isEqualTo(200);
            assertThat(receipt.json().required("receipt").required("complete").booleanValue()).as("nobody can say")
                    .isFalse();
        } finally {
            forget("newer");
        }
    }

    /**
     * Makes it look as if a gate had been heard of just now. The time is a minute ahead, so that the gate is not silent
     * before the test is done.
     */
    private static void beat(String gate) {
        GATE.redis().run(commands -> commands.zadd("postern:{changes}:beats",
                (double) System.currentTimeMillis() + Duration.ofMinutes(1).toMillis(), gate)).block();
    }

    private static void forget(String gate) {
        GATE.redis().run(commands -> commands.zrem("postern:{changes}:beats", gate)).block();
        GATE.redis().run(commands -> commands.hdel("postern:{changes}:gates", gate)).block();
    }

    /** If a gate follows another log, nobody knows which changes it knows. */
    @Test
    void ofAGateOnAnotherLog() {
        GATE.redis().run(commands -> commands.hset("postern:{changes}:gates", "elsewhere",
                "{\"v\":1,\"name\":\"e\",\"version\":\"1\",\"started\":1,\"state\":\"live\",\"log\":\"another\",\"known\":999999}"))
                .block();
        beat("elsewhere");
        try {
            Reply receipt = customer.manage("POST", "/static-tokens?receipt=true", "{\"name\":\"a token\"}");

            assertThat(receipt.json().required("receipt").required("missing").get(0).required("id").stringValue())
                    .isEqualTo("elsewhere");
        } finally {
            forget("elsewhere");
        }
    }

    @Test
    void ofAnAccountInTheManagementApi(CapturedOutput output) {
        String record = "postern:{" + customer.account() + "}:account";
        String good = read(record);
        double before = counted();
        write(record, "{\"v\":2}");

        for (int i = 0; i < 3; i++) {
            assertThat(GATE.operate("GET", "/api/v1/accounts/" + customer.account(), "").reason())
                    .isEqualTo("record_unreadable");
        }

        write(record, good);
        assertThat(counted() - before).isEqualTo(3);
        assertThat(output.getAll().lines().filter(line -> line.contains(record))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {HEAD, CHANGES})
    void ofTheLogOfChanges(String place) {
        String key = newKey();
        assertThat(call(key).status()).isEqualTo(200);
        GATE.redis().run(commands -> commands.del(place)).block();
        write(place, "by hand");

        for (int i = 0; i < 20; i++) {
            assertThat(call(key).status()).isEqualTo(200);
        }
        // The log begins anew with the next change.
        String another = newKey();
        assertThat(call(another).status()).isEqualTo(200);
        GATE.awaitLive();
        assertThat(customer.keys("DELETE", "/keys/" + another, "").required("errno").intValue()).isZero();
        assertThat(call(another).status()).isEqualTo(401);
    }

    /** An entry that a newer gate writes into the log may mean anything. */
    @Test
    void ofAChange() {
        String key = newKey();
        assertThat(call(key).status()).isEqualTo(200);
        long gaps = GATE.redis().changes().view().gaps();

        for (List<String> entry : List.of(List.of("*", "x"), List.of("7-7", "y"), List.of("*", "z"))) {
            GATE.redis().run(commands -> commands.xadd(CHANGES,
                    new XAddArgs().id(entry.getFirst()), "by", entry.getLast()))
                    .onErrorComplete().block();
        }

        await().atMost(LIMIT).until(() -> GATE.redis().changes().view().gaps() > gaps);
        // The log can be followed again from the next change on.
        newKey();
        GATE.awaitLive();
        assertThat(call(key).status()).isEqualTo(200);
        assertThat(customer.keys("DELETE", "/keys/" + key, "").required("errno").intValue()).isZero();
        assertThat(call(key).status()).isEqualTo(401);
    }
}
