package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.TestGate.Customer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A decision costs Redis one command at most. */
class RoundTripTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final Pattern COMMANDS = Pattern.compile("total_commands_processed:(\\d+)");
    private static final int CALLS = 40;

    @Test
    void asksRedisOncePerCallAndNotAtAllForWhatNeedsNoLookup() {
        Customer customer = GATE.newCustomer();
        String key = customer.newKey(
                "[{\"access_methods\":[\"get\",\"post\"],\"resources\":[{\"dev_id\":\"lamp\",\"ds_id\":\"gps\"}]}]");

        assertThat(commandsOf(() -> GATE.call(key, "GET", "/devices/lamp/datapoints?datastream_id=gps")))
                .isEqualTo(CALLS);
        assertThat(commandsOf(
                () -> GATE.call(key, "POST", "/devices/lamp/datapoints", "{\"datastreams\":[{\"id\":\"gps\"}]}")))
                .isEqualTo(CALLS);
        assertThat(commandsOf(() -> GATE.call(key, "GET", "/devices/other"))).isEqualTo(CALLS);
        assertThat(commandsOf(() -> GATE.call("unknown", "GET", "/devices/other"))).isEqualTo(CALLS);
        assertThat(commandsOf(() -> GATE.call(key, "GET", "/no/such/path"))).isZero();
        assertThat(commandsOf(() -> RawHttp.call(GATE.port(), "GET", "/devices/lamp", ""))).isZero();
    }

    private static long commandsOf(Runnable call) {
        long before = commands();
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        // The count before was itself a command.
        return commands() - before - 1;
    }

    private static long commands() {
        String stats = GATE.redis().run(commands -> commands.info("stats")).blockOptional().orElseThrow();
        Matcher count = COMMANDS.matcher(stats);
        assertThat(count.find()).isTrue();
        return Long.parseLong(count.group(1));
    }
}
