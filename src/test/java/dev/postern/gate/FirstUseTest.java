package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.View;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Devices that nobody has registered, on a gate where their first call registers them. */
@OwnsItsGate
class FirstUseTest {
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.license.enabled=true", "postern.license.enrollment=first-use",
            "postern.apis.meters.operations[0].call=GET /meters/{device}", "postern.apis.meters.device-ids=digits");

    private final Customer customer = GATE.newCustomer();

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.close();
    }

    @BeforeEach
    void forget() {
        BACKEND.forget();
    }

    /**
     * To the gate, two spellings of a number are two devices, each with a seat of its own; to a backend that reads
     * numbers, they are one device.
     */
    @Test
    void registersNoSecondSpellingOfADeviceIfTheCatalogueRequiresAForm() {
        String number = "1" + customer.account().replaceAll("[^0-9]", "");
        register("one", "two");
        assertThat(GATE.call(customer.masterKey(), "GET", "/meters/" + number).status()).isEqualTo(200);
        BACKEND.forget();

        for (String twin : List.of("0" + number, "000" + number, "+" + number)) {
            assertThat(GATE.call(customer.masterKey(), "GET", "/meters/" + twin).reason())
                    .isEqualTo("request_ambiguous");
        }

        assertThat(BACKEND.received()).isEmpty();
        assertThat(View.ids(customer)).containsExactlyInAnyOrder(own("one"), own("two"), number);
    }

    @Test
    void registersEachSpellingOfADeviceIfTheCatalogueRequiresNoForm() {
        String number = "2" + customer.account().replaceAll("[^0-9]", "");
        register("one");

        call(number);
        call("0" + number);

        assertThat(View.ids(customer)).containsExactlyInAnyOrder(own("one"), number, "0" + number);
    }

    @Test
    void registersDevicesUntilAllSeatsAreTaken() {
        assertRefused(read("one"), "license_minimum_devices");
        assertRefused(read("two"), "license_minimum_devices");
        assertThat(View.ids(customer)).containsExactly(own("one"), own("two"));
        assertThat(BACKEND.received()).isEmpty();

        assertThat(read("three").status()).isEqualTo(200);
        assertThat(read("one").status()).isEqualTo(200);
        assertThat(read("two").status()).isEqualTo(200);
        assertThat(BACKEND.received()).hasSize(3);

        View before = View.of(customer);
        assertRefused(read("four"), "device_over_quota");
        assertThat(View.of(customer)).isEqualTo(before);
        assertThat(View.ids(customer)).containsExactly(own("one"), own("two"), own("three"));
        assertThat(customer.manage("GET", "/devices/" + own("four"), "").status()).isEqualTo(404);
        assertThat(BACKEND.received()).hasSize(3);
        assertThat(View.replayed(customer)).containsExactly(own("one"), own("two"), own("three"));
    }

    @Test
    void admitsARefusedDeviceOnceThereIsASeat() {
        register("one", "two", "three");
        assertRefused(read("four"), "device_over_quota");

        customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":4}");

        assertThat(read("four").status()).isEqualTo(200);
        assertThat(customer.manage("GET", "/devices/" + own("four"), "").json().required("title").stringValue())
                .isEmpty();
    }

    @Test
    void doesNotTakeADeviceOfAnotherAccount() {
        Customer neighbour = GATE.newCustomer();
        neighbour.make("/devices", "{\"id\":\"camera-" + neighbour.account() + "\",\"title\":\"n\"}");
        register("one", "two");
        View before = View.of(customer);

        assertRefused(call("camera-" + neighbour.account()), "device_unknown");

        assertThat(View.of(customer)).isEqualTo(before);
        assertThat(View.ids(neighbour)).containsExactly("camera-" + neighbour.account());
        assertThat(BACKEND.received()).isEmpty();
    }

    @Test
    void doesNotTakeASharedDevice() {
        Customer neighbour = GATE.newCustomer();
        String camera = "camera-" + neighbour.account();
        neighbour.make("/devices", "{\"id\":\"" + camera + "\",\"title\":\"n\"}");
        neighbour.make("/devices/" + camera + "/shares", "{\"account\":\"" + customer.account() + "\"}");

        assertRefused(call(camera), "device_shared");

        assertThat(View.ids(customer)).containsExactly(camera);
        neighbour.manage("DELETE", "/devices/" + camera, "");
        assertRefused(call(camera), "license_minimum_devices");
        assertThat(customer.manage("GET", "/devices/" + camera, "").json().required("origin").stringValue())
                .isEqualTo("direct");
    }

    @Test
    void registersAllDevicesOfACall() {
        assertThat(status("one", "two", "three").status()).isEqualTo(200);

        assertThat(View.ids(customer)).containsExactly(own("one"), own("two"), own("three"));
        assertThat(BACKEND.single().target()).contains(own("one"), own("two"), own("three"));
    }

    @Test
    void registersNothingOfACallThatNamesMoreThanThereAreSeatsFor() {
        register("one", "two");
        View before = View.of(customer);

        assertRefused(status("three", "four"), "device_over_quota");

        assertThat(View.of(customer)).isEqualTo(before);
        assertThat(read("three").status()).as("the seat is still free").isEqualTo(200);
    }

    @Test
    void registersNothingOfACallThatNamesADeviceThatWaitsForTheOnlySeat() {
        register("one", "two", "three", "four");
        assertThat(customer.manage("DELETE", "/devices/" + own("one"), "").status()).isEqualTo(204);
        View before = View.of(customer);

        assertRefused(status("four", "five"), "device_over_quota");

        assertThat(View.of(customer)).isEqualTo(before);
        assertThat(status("four", "two").status()).isEqualTo(200);
    }

    @Test
    void registersNothingOfACallThatNamesADeviceOfAnotherAccount() {
        Customer neighbour = GATE.newCustomer();
        String camera = "camera-" + neighbour.account();
        neighbour.make("/devices", "{\"id\":\"" + camera + "\",\"title\":\"n\"}");
        View before = View.of(customer);

        assertRefused(call("status?devIds=" + own("one") + "," + camera), "device_unknown");

        assertThat(View.of(customer)).isEqualTo(before);
        assertThat(BACKEND.received()).isEmpty();
    }

    @Test
    void doesNotRegisterADeviceThatTheCallDeletes() {
        Reply reply = GATE.call(customer.masterKey(), "DELETE", "/devices/" + own("one"));

        assertRefused(reply, "device_unknown");
        assertThat(View.ids(customer)).isEmpty();
    }

    @Test
    void doesNotRegisterADeviceThatTheCredentialMayNotCall() {
        String key = customer.newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]");

        assertThat(GATE.call(key, "GET", "/devices/" + own("one")).reason()).isEqualTo("device_not_permitted");

        assertThat(View.ids(customer)).isEmpty();
    }

    @Test
    void registersNothingIfTheLicenseIsDisabled() {
        assertThat(customer.manage("PUT", "/license", "{\"enabled\":false}").status()).isEqualTo(200);
        assertThat(read("one").status()).as("nothing is counted").isEqualTo(200);
        assertThat(View.ids(customer)).isEmpty();
    }

    @Test
    void registersADeviceOnceUnderConcurrency() throws InterruptedException, ExecutionException {
        register("one", "two");
        try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
            List<Future<Reply>> replies = IntStream.range(0, 24)
                    .mapToObj(i -> callers.submit(() -> read("other-" + i % 3))).toList();
            int allowed = 0;
            for (Future<Reply> reply : replies) {
                allowed += reply.get().status() == 200 ? 1 : 0;
            }
            assertThat(allowed).as("the calls of the one device that got the seat").isEqualTo(8);
        }

        assertThat(View.ids(customer)).hasSize(3);
        assertThat(View.replayed(customer)).hasSize(3);
    }

    private String own(String device) {
        return device + "-" + customer.account();
    }

    private void register(String... devices) {
        for (String device : devices) {
            customer.make("/devices", "{\"id\":\"" + own(device) + "\",\"title\":\"n\"}");
        }
    }

    private Reply read(String device) {
        return call(own(device));
    }

    private Reply status(String... devices) {
        return call("status?devIds=" + String.join(",", List.of(devices).stream().map(this::own).toList()));
    }

    private Reply call(String rest) {
        return GATE.call(customer.masterKey(), "GET", "/devices/" + rest);
    }

    private static void assertRefused(Reply reply, String reason) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(403);
        assertThat(reply.reason()).isEqualTo(reason);
    }
}
