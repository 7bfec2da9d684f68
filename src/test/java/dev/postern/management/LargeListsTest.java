package dev.postern.management;

import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.access.Limits;
import dev.postern.issuance.StaticTokens;
import dev.postern.license.Devices;
import dev.postern.license.NewDevice;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.Thoroughness;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** Lists of an account with many tokens and devices stay quick, whatever is searched for. */
@NeedsTheMachine
class LargeListsTest {
    private static final int TOKENS = Thoroughness.pick(5_000, 100_000);
    private static final int DEVICES = Thoroughness.pick(50_000, 1_000_000);
    private static final int AT_ONCE = 64;
    private static final int WINDOW = 4096;
    private static final int ROUNDS = 8;
    private static final Duration LOADING = Duration.ofMinutes(2);
    private static final List<String> ROOMS = List.of("Kitchen", "Hall", "Cellar", "Garage", "Roof", "厨房");
    private static final double SHARE = 0.95;
    private static final int ATTEMPTS = 3;

    private static TestGate gate;
    private static Customer customer;

    @BeforeAll
    static void start() {
        gate = TestGate.start("postern.tokens.max-per-account=" + TOKENS, "postern.accounts.max-stored-bytes=1GB",
                "postern.listing.longest=" + LOADING.toSeconds() + "s", "postern.listing.name-memory=600MB",
                "postern.license.enabled=true");
        customer = gate.newCustomer();
    }

    @AfterAll
    static void stop() {
        gate.close();
    }

    @Test
    void listsTokensQuickly() {
        AccountId account = new AccountId(customer.account());
        StaticTokens tokens = gate.context().getBean(StaticTokens.class);
        Flux.range(1, TOKENS).flatMap(number -> tokens.create(account, title("Token", number), Optional.empty(),
                List.of(), Limits.NONE), AT_ONCE).blockLast(LOADING.multipliedBy(5));

        assertQuick("listStaticTokens", () -> assertListed("static-tokens", "name", "Token", TOKENS));
    }

    @Test
    void listsDevicesQuickly() {
        AccountId account = new AccountId(customer.account());
        Devices devices = gate.context().getBean("devices", Devices.class);
        for (int from = 1; from <= DEVICES; from += WINDOW) {
            List<NewDevice> window = Flux.range(from, Math.min(WINDOW, DEVICES + 1 - from))
                    .map(number -> new NewDevice(new DeviceId("device-" + number), title("Lamp", number),
                            Optional.empty(), Optional.empty()))
                    .toStream().toList();
            get(devices.add(account, window, Devices.newMark()));
        }
        assertQuick("listDevices", () -> assertListed("devices", "title", "Lamp", DEVICES));
    }

    private static String title(String kind, int number) {
        return kind + " " + ROOMS.get(number % ROOMS.size()) + " " + number;
    }

    private static void assertListed(String list, String term, String kind, int count) {
        int last = count / 100;
        for (int round = 0; round < ROUNDS; round++) {
            assertThat(total(list, "")).isEqualTo(count);
            assertThat(total(list, "page=" + last + "&per_page=100")).isEqualTo(count);
            String find = term + "=";
            assertThat(total(list, find + kind)).isEqualTo(count);
            assertThat(total(list, find + kind + "&per_page=100&page=" + last)).isEqualTo(count);
            assertThat(total(list, find + kind + "&per_page=100&page=" + last / 2)).isEqualTo(count);
            assertThat(total(list, find + "%E5%8E%A8")).isEqualTo(count / ROOMS.size() + (count % 6 == 5 ? 1 : 0));
            assertThat(total(list, find + "kitchne%20" + count / 6 * 6)).isPositive();
            assertThat(total(list, find + "nothing%20like%20it")).isZero();
            assertThat(total(list, find + "7")).isPositive();
            assertThat(total(list, find + kind + "%20Hall%201")).isPositive();
        }
    }

    private static int total(String list, String query) {
        Reply reply = customer.manage("GET", "/" + list + "?" + query, "");
        assertThat(reply.status()).as("%s?%s: %s", list, query, reply.text()).isEqualTo(200);
        return reply.json().required("total_count").intValue();
    }

    /** By the gate's own timer, 95 % of the calls take less than 200 ms. */
    private static void assertQuick(String operation, Runnable calls) {
        double best = 0;
        // The best of some attempts counts, so that other work of the machine does not decide the result.
        for (int attempt = 1; attempt <= ATTEMPTS && best < SHARE; attempt++) {
            double countBefore = count(operation);
            double quickBefore = quick(operation);
            calls.run();
            double share = (quick(operation) - quickBefore) / (count(operation) - countBefore);
            System.out.printf("%s: %.1f %% of the calls took less than 200 ms%n", operation, share * 100);
            best = Math.max(best, share);
        }
        assertThat(best).isGreaterThanOrEqualTo(SHARE);
    }

    private static double count(String operation) {
        return value("postern_management_call_seconds_count\\{operation=\"" + operation + "\"}");
    }

    private static double quick(String operation) {
        return value("postern_management_call_seconds_bucket\\{operation=\"" + operation + "\",le=\"0.2\"}");
    }

    /** The value of a sample; 0 before the first call. */
    private static double value(String sample) {
        Matcher line = Pattern.compile("(?m)^" + sample + " (\\S+)")
                .matcher(gate.operate("GET", "/actuator/prometheus", "").text());
        return line.find() ? Double.parseDouble(line.group(1)) : 0;
    }
}
