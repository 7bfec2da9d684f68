package dev.postern.license;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccessDecision;
import dev.postern.access.DeviceId;
import dev.postern.license.LicenseFacts.Standing;
import dev.postern.license.LicensePolicy.LicenseDecision;
import dev.postern.support.OwnsItsGate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OwnsItsGate
class LicensePolicyTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    /** The devices of the call are written as 'standing+standing', or '-' for none. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            strict    | ordinary    | valid   | 3 | seated          | licensed
            strict    | ordinary    | valid   | 3 | seated+seated   | licensed
            strict    | ordinary    | valid   | 4 | waiting         | needs a
            strict    | ordinary    | valid   | 4 | seated+waiting  | needs b
            strict    | ordinary    | valid   | 5 | waiting+waiting | needs a b
            strict    | ordinary    | valid   | 3 | unknown         | device_unknown
            strict    | ordinary    | valid   | 3 | seated+unknown  | device_unknown
            strict    | ordinary    | valid   | 3 | shared          | device_shared
            strict    | ordinary    | valid   | 3 | shared+unknown  | device_unknown
            strict    | ordinary    | valid   | 2 | seated          | license_minimum_devices
            strict    | ordinary    | valid   | 2 | waiting         | license_minimum_devices
            strict    | ordinary    | valid   | 2 | unknown         | device_unknown
            strict    | ordinary    | valid   | 2 | shared          | device_shared
            strict    | ordinary    | expired | 3 | seated          | license_expired
            strict    | ordinary    | expired | 2 | seated          | license_expired
            strict    | ordinary    | expired | 3 | unknown         | device_unknown
            strict    | ordinary    | valid   | 3 | -               | licensed
            strict    | ordinary    | valid   | 2 | -               | license_minimum_devices
            strict    | ordinary    | expired | 3 | -               | license_expired
            strict    | registering | valid   | 0 | -               | licensed
            strict    | registering | expired | 3 | -               | license_expired
            strict    | registering | valid   | 2 | seated          | license_minimum_devices
            strict    | removing    | valid   | 1 | seated          | licensed
            strict    | removing    | valid   | 4 | waiting         | licensed
            strict    | removing    | valid   | 4 | shared          | device_shared
            strict    | removing    | valid   | 4 | unknown         | device_unknown
            strict    | removing    | expired | 4 | seated          | license_expired
            first_use | ordinary    | valid   | 3 | unknown         | enroll a
            first_use | ordinary    | valid   | 0 | unknown         | enroll a
            first_use | ordinary    | valid   | 3 | seated+unknown  | enroll b
            first_use | ordinary    | valid   | 3 | shared+unknown  | device_shared
            first_use | ordinary    | expired | 3 | unknown         | license_expired
            first_use | removing    | valid   | 3 | unknown         | device_unknown
            strict    | ordinary    | off     | 0 | unknown         | licensed
            strict    | ordinary    | off     | 0 | shared          | licensed
            strict    | ordinary    | none    | 0 | seated          | license_expired
            strict    | removing    | none    | 0 | -               | license_expired
            """)
    void judges(String enrollment, String use, String license, long devices, String standings, String expected) {
        LicensePolicy policy = new LicensePolicy(
                Fleet.settings(LicenseSettings.Enrollment.valueOf(enrollment.toUpperCase(Locale.ROOT)),
                        Duration.ofSeconds(5)));

        LicenseDecision decision = policy.decide(new LicenseFacts(license(license), devices, 0, standings(standings)),
                DeviceUse.valueOf(use.toUpperCase(Locale.ROOT)), NOW);

        assertThat(text(decision)).isEqualTo(expected);
    }

    private static String text(LicenseDecision decision) {
        return switch (decision) {
            case LicenseDecision.Licensed _ -> "licensed";
            case LicenseDecision.Refused(AccessDecision.Denied(var reason, var _)) -> reason.word();
            case LicenseDecision.NeedsSeats(var devices) -> "needs "
                    + String.join(" ", devices.stream().map(DeviceId::value).toList());
            case LicenseDecision.NeedsEnrollment(var devices) -> "enroll "
                    + String.join(" ", devices.stream().map(DeviceId::value).toList());
        };
    }

    private static Optional<License> license(String text) {
        return switch (text) {
            case "none" -> Optional.empty();
            case "expired" -> Optional.of(new License(License.Plan.FREE, 3, NOW.minusSeconds(10), NOW, true));
            case "off" -> Optional.of(new License(License.Plan.FREE, 3, NOW.minusSeconds(10), NOW, false));
            default -> Optional.of(new License(License.Plan.FREE, 3, NOW, NOW.plusMillis(1), true));
        };
    }

    private static Map<DeviceId, Standing> standings(String text) {
        Map<DeviceId, Standing> standings = new LinkedHashMap<>();
        char id = 'a';
        for (String standing : text.equals("-") ? new String[0] : text.split("\\+", -1)) {
            standings.put(new DeviceId(String.valueOf(id++)), Standing.valueOf(standing.toUpperCase(Locale.ROOT)));
        }
        return standings;
    }

    @Test
    void coversEverythingIfLicensesAreDisabled() {
        LicensePolicy off = new LicensePolicy(new LicenseSettings(false, LicenseSettings.Enrollment.STRICT, 3, 3, 1,
                1000, Duration.ofSeconds(5), 100));

        assertThat(off.decide(new LicenseFacts(license("expired"), 0, 0, standings("unknown")), DeviceUse.ORDINARY,
                NOW)).isInstanceOf(LicenseDecision.Licensed.class);
    }
}
