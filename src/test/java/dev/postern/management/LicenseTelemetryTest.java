package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.license.LicenseWatch;
import dev.postern.support.LicensedGate;
import dev.postern.support.RawHttp;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import org.junit.jupiter.api.Test;

/** What Prometheus sees of licenses. */
@UsesSharedGate
class LicenseTelemetryTest {
    private static final TestGate GATE = LicensedGate.GATE;
    private static final int DEVICES = 1000;

    @Test
    void reportsAccountsNearTheirLimitAndUncoveredCalls() {
        Customer customer = GATE.newCustomer();
        StringBuilder lines = new StringBuilder();
        // More waiting devices than other tests leave behind: the metrics show only the accounts with the most.
        for (int i = 0; i < DEVICES; i++) {
            lines.append("{\"id\":\"").append(customer.account()).append('-').append(i)
                    .append("\",\"title\":\"metered\"}\n");
        }
        assertThat(customer.manage("POST", "/devices:import", lines.toString()).status()).isEqualTo(200);
        double before = sample("postern_license_denials_total{reason=\"device_over_quota\"}");

        assertThat(
                GATE.call(customer.masterKey(), "GET", "/devices/" + customer.account() + "-" + (DEVICES - 1)).reason())
                .isEqualTo("device_over_quota");
        // The gate does this by itself every few seconds.
        GATE.context().getBean(LicenseWatch.class).look().block();

        String account = "{account=\"" + customer.account() + "\"}";
        assertThat(sample("postern_license_seats" + account)).isEqualTo(3);
        assertThat(sample("postern_license_seats_used" + account)).isEqualTo(3);
        assertThat(sample("postern_license_devices_waiting" + account)).isEqualTo(DEVICES - 3);
        assertThat(sample("postern_license_denials_total{reason=\"device_over_quota\"}")).isEqualTo(before + 1);
        assertThat(prometheus()).contains("postern_license_expiring", "postern_license_remembered",
                "postern_devices_learning", "postern_devices_learning_failures_total",
                "postern_active_devices_pending");
    }

    private static String prometheus() {
        return RawHttp.call(GATE.managementPort(), "GET", "/actuator/prometheus", "").text();
    }

    /** The value of a series; 0 where there is none. */
    private static double sample(String series) {
        return prometheus().lines().filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1))).findFirst().orElse(0);
    }
}
