package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.AtOnce;
import dev.postern.support.ChildGate;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestRedisServer;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Whole gates give out each of a hundred seats once, although one of the gates, in a process of its own, or their Redis
 * is killed.
 */
@LongTest
@OwnsItsGate
@Order(4)
class SeatsAtFourGatesTest {
    private static final int SEATS = 100;
    private static final int CALLERS = 256;
    private static final int UNREACHABLE = 0;
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestRedisServer REDIS = new TestRedisServer();
    private static final List<TestGate> GATES = List.of(TestGate.start(properties()), TestGate.start(properties()),
            TestGate.start(properties()));

    private static String[] properties() {
        return REDIS.properties("postern.secret-keys.file=" + REDIS.directory() + "/secret-keys.json",
                "postern.license.enabled=true", "postern.store.command-timeout=10s",
                "postern.store.connect-timeout=10s", "postern.backend=" + BACKEND.address());
    }

    @AfterAll
    static void close() {
        GATES.forEach(TestGate::close);
        REDIS.close();
        BACKEND.close();
    }

    @Test
    void areAssignedOnceThoughAGateIsKilled() throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--postern.demo=false",
                "--postern.data-dir=" + REDIS.directory() + "/child"));
        for (String property : properties()) {
            arguments.add("--" + property);
        }
        try (ChildGate fourth = new ChildGate(List.of("-Xmx256m"), arguments)) {
            List<Integer> ports = new ArrayList<>(GATES.stream().map(TestGate::port).toList());
            ports.add(fourth.port());

            assertExact(ports, 1, fourth::kill);
        }
    }

    @Test
    void areAssignedOnceThoughRedisIsKilled() throws Exception {
        assertExact(GATES.stream().map(TestGate::port).toList(), 2, REDIS::crash);
    }

    private static void assertExact(List<Integer> ports, long seed, Runnable death) throws Exception {
        Customer customer = GATES.getFirst().newCustomer();
        customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":0}");
        StringBuilder lines = new StringBuilder();
        List<String> devices = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            devices.add(customer.account() + "-" + i);
            lines.append("{\"id\":\"").append(devices.getLast()).append("\",\"title\":\"one of many\"}\n");
        }
        assertThat(customer.manage("POST", "/devices:import", lines.toString()).json().required("added").intValue())
                .isEqualTo(CALLERS);
        customer.manage("PUT", "/license", "{\"seats\":" + SEATS + "}");
        Random random = new Random(seed);
        Collections.shuffle(devices, random);
        List<Callable<Integer>> calls = new ArrayList<>();
        for (String device : devices) {
            int port = ports.get(random.nextInt(ports.size()));
            calls.add(() -> status(port, customer, device));
        }
        calls.add(random.nextInt(CALLERS), () -> {
            death.run();
            return UNREACHABLE;
        });

        List<Integer> statuses = AtOnce.run(calls);

        assertThat(statuses).as("allowed, refused, or told of an outage").isSubsetOf(200, 403, 503, UNREACHABLE);
        assertThat(statuses.stream().filter(status -> status == 200).count()).isLessThanOrEqualTo(SEATS);
        // Each device calls again at a gate that still runs, until the answer is not an outage.
        for (int gate = 0; gate < devices.size(); gate++) {
            TestGate survivor = GATES.get(gate % GATES.size());
            int status = status(survivor.port(), customer, devices.get(gate));
            while (status == 503) {
                status = status(survivor.port(), customer, devices.get(gate));
            }
        }
        JsonNode license = customer.manage("GET", "/license", "").json();
        assertThat(license.required("used").intValue()).isEqualTo(SEATS);
        assertThat(license.required("waiting").intValue()).isEqualTo(CALLERS - SEATS);
        assertThat(customer.manage("GET", "/license/ledger?per_page=1", "").json().required("total_count").intValue())
                .as("each of them is in the ledger once, and nothing else").isEqualTo(SEATS);
    }

    private static int status(int port, Customer customer, String device) {
        try {
            Reply reply = RawHttp.call(port, "GET", "/devices/" + device, "", "api-key: " + customer.masterKey());
            return reply.status();
        } catch (UncheckedIOException gone) {
            return UNREACHABLE;
        }
    }
}
