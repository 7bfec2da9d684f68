package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What a page shows of a receipt. */
class ReceiptTest {
    private static final Instant NOW = Instant.parse("2027-01-31T08:00:00.4Z");

    private static Receipt read(String json, long until) {
        Map<String, Object> map = JsonMapper.shared().readValue(json, new TypeReference<>() {});
        return Receipt.read(map, NOW, until);
    }

    private static Receipt read(String json) {
        return read(json, Long.MAX_VALUE);
    }

    private static String gates(String state, int count) {
        return IntStream.range(0, count).mapToObj(number -> "{\"id\":\"id%d-%s\",\"name\":\"g%d\",\"state\":\"%s\"}"
                .formatted(number, state, number, state)).collect(Collectors.joining(",", "[", "]"));
    }

    @Test
    void hasEachGateWithItsState() {
        Receipt receipt = read("""
                {"complete":false,"change":"ab-7","confirmed":[{"id":"1","name":"z"}],
                 "missing":[{"id":"2","name":"b","state":"live"},
                            {"id":"3","name":"a","state":"silent","decides_for_seconds":299.9}],
                 "out_of_grace":[{"id":"4","name":"c"}],"replicas":{"connected":0,"confirmed":0}}""");

        assertThat(receipt.gates().stream().map(gate -> gate.mark() + " " + gate.name() + " " + gate.state()
                + " " + gate.until())).containsExactly("! a unreachable 2027-01-31T08:05:00Z", "… b waiting ",
                        "– c out-of-grace ", "✓ z applied ");
        assertThat(receipt.missing()).isEqualTo("a, b");
        assertThat(receipt.applied()).isOne();
        assertThat(receipt.deciding()).isEqualTo(3);
        assertThat(receipt.complete()).isFalse();
        assertThat(receipt.looking()).isTrue();
        assertThat(receipt.until()).as("in six minutes").isEqualTo(NOW.getEpochSecond() + 360);
    }

    @Test
    void isCompleteWithoutTheGatesThatMayNotDecide() {
        Receipt receipt = read("{\"change\":\"ab-7\",\"confirmed\":" + gates("live", 1) + ",\"missing\":[],"
                + "\"out_of_grace\":" + gates("silent", 1) + "}");

        assertThat(receipt.complete()).isTrue();
        assertThat(receipt.looking()).isFalse();
        assertThat(receipt.lacksReplicas()).isFalse();
    }

    @Test
    void isNotLookedAtForEver() {
        String json = "{\"change\":\"ab-7\",\"confirmed\":[],\"missing\":" + gates("live", 1) + "}";

        assertThat(read(json, NOW.getEpochSecond() + 1).looking()).isTrue();
        assertThat(read(json, NOW.getEpochSecond()).looking()).isFalse();
        assertThat(read("{\"trouble\":\"Redis cannot tell\"}").looking()).isFalse();
        assertThat(read("{\"trouble\":\"Redis cannot tell\"}").complete()).isFalse();
    }

    @Test
    void namesAFewOfManyGatesAndTellsThoseOfOneNameApart() {
        Receipt many = read("{\"change\":\"ab-7\",\"missing\":" + gates("live", 9) + "}");
        assertThat(many.missing()).isEqualTo("g0, g1, g2, g3, g4, …");

        Receipt twins = read("""
                {"change":"ab-7","missing":[{"id":"0123456789","name":"vm","state":"live"},
                 {"id":"98","name":"vm","state":"live"}]}""");
        assertThat(twins.missing()).isEqualTo("vm 012345, vm 98");
    }

    @Test
    void isSeenAnewOnlyIfAGateChanges() {
        String waiting = read("{\"missing\":" + gates("live", 2) + "}").seen();

        assertThat(read("{\"missing\":" + gates("live", 2).replace("}", ",\"decides_for_seconds\":7}") + "}").seen())
                .isEqualTo(waiting);
        assertThat(read("{\"missing\":" + gates("live", 2).replaceFirst("\"live\"", "\"silent\"") + "}").seen())
                .isNotEqualTo(waiting);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{\"connected\":1,\"confirmed\":1}                | false",
            "{\"connected\":1,\"confirmed\":0}                | true",
            "{\"connected\":0,\"confirmed\":0,\"expected\":1} | true",
            "{\"connected\":0,\"confirmed\":0}                | false",
            "{\"connected\":null,\"confirmed\":1}             | false",
            "{\"connected\":null,\"confirmed\":null}          | true"})
    void warnsOfReplicasAsTheTableInTheDocumentsSays(String replicas, boolean warns) {
        assertThat(read("{\"change\":\"ab-7\",\"replicas\":" + replicas + "}").lacksReplicas()).isEqualTo(warns);
    }
}
