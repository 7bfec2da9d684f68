package dev.postern.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.ApiSet;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.access.DeviceSet;
import dev.postern.access.Rule;
import dev.postern.access.StreamId;
import dev.postern.access.StreamSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

class RuleJsonTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @Test
    void readsEachPartOfARule() {
        assertThat(read("[{\"apis\":[\"devices\"],\"actions\":[\"get\",\"PUT\"],\"devices\":[\"lamp\"],"
                + "\"streams\":[\"temp\"]}]")).containsExactly(
                        new Rule(new ApiSet.Only(Set.of(new ApiId("devices"))), Set.of(Action.GET, Action.PUT),
                                new DeviceSet.Only(Set.of(new DeviceId("lamp"))),
                                new StreamSet.Only(Set.of(new StreamId("temp")))));
        assertThat(read("[{\"actions\":[\"get\"],\"users\":[\"ann\"]}]")).containsExactly(
                new Rule(new ApiSet.Every(), Set.of(Action.GET),
                        new DeviceSet.Of(Set.of(new DeviceGroup(DeviceGroup.Kind.USER, "ann"))),
                        new StreamSet.WholeDevice()));
        assertThat(read("[{\"apis\":\"all\",\"actions\":[\"get\",\"post\",\"put\",\"delete\"],\"devices\":\"all\"}]"))
                .isEqualTo(RuleJson.everything());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[{\"apis\":\"all\",\"actions\":[\"get\"],\"devices\":\"all\"}]",
            "[{\"apis\":[],\"actions\":[],\"devices\":[],\"streams\":[]}]",
            "[{\"apis\":[\"a\",\"b\"],\"actions\":[\"get\"],\"projects\":[\"p\",\"q\"]},"
                    + "{\"apis\":\"all\",\"actions\":[\"delete\"],\"users\":[\"u\"],\"streams\":[\"s\",\"t\"]}]"})
    void writesWhatItReads(String text) {
        ArrayNode written = JSON.createArrayNode();
        RuleJson.write(written, read(text));

        assertThat(written).hasToString(text);
    }

    @Test
    void treatsAnEmptyListAsNothing() {
        assertThat(read("[{\"apis\":[],\"actions\":[\"get\"],\"devices\":[],\"streams\":[]}]")).containsExactly(
                new Rule(new ApiSet.Only(Set.of()), Set.of(Action.GET), new DeviceSet.Only(Set.of()),
                        new StreamSet.Only(Set.of())));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{} | rules is not a list", "\"all\" | rules is not a list",
            "[1] | rules[0] is not a JSON object",
            "[{\"actions\":[],\"devices\":[]},{\"actions\":[],\"devices\":[],\"x\":1}] | rules[1] has an unknown member",
            "[{\"devices\":[]}] | rules[0].actions is missing",
            "[{\"actions\":null,\"devices\":[]}] | rules[0].actions is missing",
            "[{\"actions\":\"all\",\"devices\":[]}] | rules[0].actions is not a list",
            "[{\"actions\":[\"get\",\"fly\"],\"devices\":[]}] | rules[0].actions[1]",
            "[{\"actions\":[]}] | rules[0] must have exactly one of devices, projects, users",
            "[{\"actions\":[],\"devices\":[],\"users\":[]}] | rules[0] must have exactly one",
            "[{\"actions\":[],\"devices\":\"ALL\"}] | rules[0].devices is not a list",
            "[{\"actions\":[],\"projects\":\"all\"}] | rules[0].projects is not a list",
            "[{\"actions\":[],\"devices\":[\"a\",\"b/c\"]}] | rules[0].devices[1]",
            "[{\"actions\":[],\"devices\":[\"..\"]}] | rules[0].devices[0]",
            "[{\"actions\":[],\"devices\":[5]}] | rules[0].devices[0]",
            "[{\"actions\":[],\"devices\":[null]}] | rules[0].devices[0]",
            "[{\"actions\":[],\"devices\":[],\"apis\":null}] | rules[0].apis is missing",
            "[{\"actions\":[],\"devices\":[],\"streams\":null}] | rules[0].streams is missing",
            "[{\"actions\":[],\"devices\":[],\"streams\":\"all\"}] | rules[0].streams is not a list"})
    void saysWhereSomethingIsWrong(String text, String where) {
        assertThatIllegalArgumentException().isThrownBy(() -> read(text)).withMessageContaining(where);
    }

    @Test
    void limitsWhatItReads() {
        assertThat(read(rules(RuleJson.MAX_RULES, "{\"actions\":[],\"devices\":[]}"))).hasSize(RuleJson.MAX_RULES);
        assertRefused(rules(RuleJson.MAX_RULES + 1, "{\"actions\":[],\"devices\":[]}"), "at most 100 rules");
        assertThat(read("[{\"actions\":[],\"devices\":" + ids(RuleJson.MAX_ENTRIES) + "}]")).hasSize(1);
        assertRefused("[{\"actions\":[],\"devices\":" + ids(RuleJson.MAX_ENTRIES + 1) + "}]",
                "rules[0].devices has 2001 entries; the maximum is 2000");
        assertThat(read("[{\"actions\":[],\"projects\":" + ids(RuleJson.MAX_GROUPS) + "}]")).hasSize(1);
        assertRefused("[{\"actions\":[],\"projects\":" + ids(RuleJson.MAX_GROUPS) + "},"
                + "{\"actions\":[],\"users\":[\"one-more\"]}]", "more than 100 projects and users");
    }

    private static void assertRefused(String text, String why) {
        assertThatIllegalArgumentException().isThrownBy(() -> read(text)).withMessageContaining(why);
    }

    private static String rules(int count, String rule) {
        return IntStream.range(0, count).mapToObj(_ -> rule).collect(Collectors.joining(",", "[", "]"));
    }

    private static String ids(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"id-" + i + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    private static List<Rule> read(String text) {
        return RuleJson.read("rules", JSON.readTree(text));
    }
}
