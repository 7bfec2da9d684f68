package dev.postern.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.KeepAlive;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The number of time series does not grow with devices, keys or paths. */
@LongTest
@OwnsItsGate
class CardinalityTest {
    private static final int DEVICES = 10_000;
    private static final int KEYS = 1_000;
    private static final List<String> HOSTILE = List.of("/%s", "/devices/%s/..%%2f..", "/devices/%s?%s=1", "/%s/%s/%s",
            "/devices/%%00%s", "/triggers/%s;%s", "/keys/%s", "/oauth/%s", "/.well-known/%s", "/actuator/%s");

    /** The names and labels of all series, without the values. */
    private static Set<String> series(MixedLoad load) {
        return load.scrape().lines().filter(line -> line.startsWith("postern_"))
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                // A gate shows at most 50 accounts, those near their limit.
                .filter(line -> !line.contains("account=\"")).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void doesNotGrowWithWhatCallersChoose() {
        try (MixedLoad load = new MixedLoad()) {
            load.round();
            load.round();
            callEverything(load, "warm", 1, 1);
            Set<String> before = series(load);

            callEverything(load, "load", DEVICES, KEYS);
            load.round();

            assertThat(series(load)).isEqualTo(before);
        }
    }

    private static void callEverything(MixedLoad load, String name, int devices, int keys) {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < keys; i++) {
            made.add(load.newKey("device-" + name + "-" + i));
        }
        try (KeepAlive client = new KeepAlive(load.gate().port())) {
            for (int i = 0; i < devices; i++) {
                client.call(made.get(i % keys), "GET", "/devices/device-" + name + "-" + i % keys);
                client.call(load.masterKey(), "GET", "/devices/device-" + name + "-" + i);
            }
            for (int i = 0; i < devices / 10 + 1; i++) {
                for (String path : HOSTILE) {
                    // Some of them end their connection.
                    RawHttp.call(load.gate().port(), "GET", path.replace("%s", name + i).replace("%%", "%"), "",
                            "api-key: key-" + name + "-" + i);
                }
            }
        }
    }
}
