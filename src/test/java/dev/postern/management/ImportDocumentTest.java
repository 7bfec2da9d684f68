package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What is refused in a document, and how the refusal names the line and the member. */
@UsesSharedGate
class ImportDocumentTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final FilledAccount FILLED = FilledAccount.at(GATE);
    private static final String PATH = "/api/v1/accounts/" + FILLED.customer.account();
    private static final String EXPORTED = GATE.operate("GET", PATH + "/export", "").text();
    private static final String HEADER = EXPORTED.lines().findFirst().orElseThrow() + "\n";
    private static final String END = "{\"kind\":\"end\"}\n";
    /** Members that a line may lack. */
    private static final Set<String> OPTIONAL = Set.of("title", "project", "user", "expires_at", "allowed_networks",
            "valid_until of authcode");

    private static Reply send(String mode, String document) {
        return GATE.operate("POST", PATH + "/import?mode=" + mode, document);
    }

    private static JsonNode apply(String document) {
        Reply reply = send("apply", document);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    private static ObjectNode line(String kind) {
        return EXPORTED.lines().map(line -> (ObjectNode) JSON.readTree(line))
                .filter(line -> line.required("kind").stringValue().equals(kind)).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"account", "project", "user", "license", "device", "api-key", "static-token", "application",
            "authcode", "rsa-token", "jwt-token", "blocked-subject", "share"})
    void namesTheMemberThatIsMissingOrWrong(String kind) {
        ObjectNode line = line(kind);
        List<String> expected = new ArrayList<>();
        StringBuilder document = new StringBuilder(HEADER);
        for (String member : new LinkedHashSet<>(line.propertyNames())) {
            ObjectNode without = line.deepCopy();
            without.remove(member);
            if (!OPTIONAL.contains(member) && !OPTIONAL.contains(member + " of " + kind)) {
                document.append(without).append('\n');
                expected.add(member);
            }
            for (JsonNode wrong : List.of(JSON.readTree("-1.5"), JSON.readTree("{\"a\":1}"), JSON.readTree("null"),
                    JSON.getNodeFactory().stringNode("\u0007 /" + "x".repeat(600)))) {
                document.append(line.deepCopy().set(member, wrong)).append('\n');
                expected.add(member);
            }
        }
        document.append(line.deepCopy().put("colour", "red")).append('\n').append(END);

        JsonNode reply = apply(document.toString());

        List<String> members = reply.required("errors").valueStream().map(error -> error.path("member").asString(""))
                .toList();
        assertThat(members.subList(0, members.size() - 1)).isEqualTo(expected);
        assertThat(reply.required("errors").valueStream().map(error -> error.required("line").intValue()))
                .doesNotHaveDuplicates().hasSize(expected.size() + 1);
        assertThat(reply.required("errors").get(expected.size()).required("detail").stringValue())
                .startsWith("The line has an unknown member; allowed are ").doesNotContain("colour");
        assertThat(reply.required("unchanged").intValue() + reply.required("created").intValue()
                + reply.required("changed").intValue()).isZero();
        assertThat(body(GATE.operate("GET", PATH + "/export", "").text())).isEqualTo(body(EXPORTED));
    }

    private static String body(String document) {
        return document.substring(document.indexOf('\n') + 1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"not json | request_malformed | ",
            "{ | request_malformed | ", "[] | request_malformed | ", "null | request_malformed | ",
            "{\"kind\":\"project\",\"kind\":\"user\"} | request_malformed | ",
            "{\"kind\":\"token\",\"account\":\"ACCOUNT\"} | field_invalid | kind",
            "{\"account\":\"ACCOUNT\"} | field_invalid | kind", "{\"kind\":\"project\"} | field_invalid | account",
            "{\"kind\":\"project\",\"account\":\"another\",\"id\":\"x\",\"name\":\"n\",\"devices\":[]} | field_invalid | account",
            "{\"kind\":\"project\",\"account\":\"ACCOUNT\",\"id\":\"x\",\"name\":\"n\",\"devices\":[\"a b\"]} | field_invalid | devices",
            "{\"kind\":\"license\",\"account\":\"ACCOUNT\",\"plan\":\"free\",\"seats\":3,\"valid_from\":\"2026-01-01T00:00:00Z\",\"valid_until\":\"2027-01-01T00:00:00Z\",\"enabled\":true} | field_invalid | seats",
            "{\"kind\":\"license\",\"account\":\"ACCOUNT\",\"plan\":\"free\",\"valid_from\":\"2026-01-01T00:00:00Z\",\"valid_until\":\"2025-01-01T00:00:00Z\",\"enabled\":true} | field_invalid | valid_until",
            "{\"kind\":\"license\",\"account\":\"ACCOUNT\",\"plan\":\"free\",\"valid_from\":\"2026-01-01T00:00:00Z\",\"valid_until\":\"2025-01-01\",\"enabled\":true} | field_invalid | valid_until"})
    void refusesALineAndTakesTheOthers(String wrong, String reason, String member) {
        JsonNode reply = apply(HEADER + line("project") + "\n\n" + wrong.replace("ACCOUNT", FILLED.customer.account())
                + "\n" + line("user") + "\n" + END);

        assertThat(reply.required("unchanged").intValue()).isEqualTo(2);
        assertThat(reply.required("refused").intValue()).isEqualTo(1);
        JsonNode error = reply.required("errors").get(0);
        assertThat(error.required("line").intValue()).isEqualTo(4);
        assertThat(error.required("reason").stringValue()).isEqualTo(reason);
        assertThat(error.path("member").asString("")).isEqualTo(member == null ? "" : member);
        assertThat(error.required("detail").stringValue()).isNotEmpty();
    }

    @Test
    void refusesALineAboutAResourceThatAnEarlierLineIsAbout() {
        List<ObjectNode> lines = Stream.of("account", "project", "license", "device", "static-token", "share")
                .flatMap(kind -> Stream.of(line(kind), line(kind))).toList();

        JsonNode reply = apply(HEADER + lines.stream().map(JSON::writeValueAsString)
                .collect(Collectors.joining("\n", "", "\n")) + END);

        assertThat(reply.required("errors").valueStream().map(error -> error.required("reason").stringValue()))
                .hasSize(6).containsOnly("duplicate");
        assertThat(reply.required("unchanged").intValue()).isEqualTo(6);
    }

    @Test
    void refusesALineOfTenMegabytesAndTakesTheOthers() {
        JsonNode reply = apply(HEADER + line("project") + "\n{\"kind\":\"project\",\"name\":\"" + "x".repeat(10_000_000)
                + "\"}\n" + line("user") + "\n" + END);

        assertThat(reply.required("unchanged").intValue()).isEqualTo(2);
        assertThat(reply.required("errors").get(0).required("detail").stringValue()).contains("2097152");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n \n", "{\"kind\":\"end\"}\n", "not json\n", "{\"kind\":\"header\"}\n",
            "{\"kind\":\"header\",\"format\":\"other\",\"version\":1}\n",
            "{\"kind\":\"header\",\"format\":\"postern\",\"version\":2}\n",
            "{\"kind\":\"header\",\"format\":\"postern\",\"version\":1}\n",
            "{\"kind\":\"header\",\"format\":\"postern\",\"version\":1,\"account\":\"another\"}\n",
            "{\"kind\":\"header\",\"format\":\"postern\",\"version\":1,\"color\":\"red\"}\n"})
    void refusesADocumentWhoseHeaderIsWrong(String document) {
        for (String mode : List.of("diff", "dry_run", "apply", "sync")) {
            Reply reply = send(mode, document);

            assertThat(reply.status()).as(reply.text()).isEqualTo(400);
            assertThat(reply.reason()).isEqualTo("request_malformed");
            assertThat(reply.json().required("detail").stringValue()).contains("0 deleted");
        }
        assertThat(body(GATE.operate("GET", PATH + "/export", "").text())).isEqualTo(body(EXPORTED));
    }

    @Test
    void refusesWhatFollowsTheEndAndASecondHeader() {
        Reply after = send("apply", EXPORTED + line("project") + "\n");
        assertThat(after.status()).isEqualTo(400);
        assertThat(after.json().required("detail").stringValue())
                .contains("comes after the end").contains("It can be repeated.");
        assertThat(send("apply", HEADER + HEADER + END).status()).isEqualTo(400);
        Reply other = send("sync", HEADER + "{\"kind\":\"end\",\"color\":\"red\"}\n");
        assertThat(other.status()).isEqualTo(400);
        assertThat(other.json().required("detail").stringValue()).contains("The end of the document", "0 deleted");
    }

    @Test
    void acceptsAMarkAtTheStartAndAnyLineEnd() {
        JsonNode reply = apply("\uFEFF" + EXPORTED.replace("\n", "\r\n"));

        assertThat(reply.required("refused").intValue()).as(reply.toString()).isZero();
        assertThat(reply.required("unchanged").intValue()).isEqualTo((int) EXPORTED.lines().count() - 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?mode=", "?mode", "?mode=replace", "?mode=apply&mode=diff", "?mode=DIFF"})
    void needsAMode(String query) {
        Reply reply = GATE.operate("POST", PATH + "/import" + query, EXPORTED);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().required("detail").stringValue()).contains("diff, dry_run, apply, sync");
    }

    @Test
    void answersLineByLineToAClientThatAsksForIt() {
        Reply reply = GATE.operate("POST", PATH + "/import?mode=diff", HEADER + "{\"kind\":\"user\"}\n"
                + line("project").put("name", "other") + "\n" + END, "Accept: application/x-ndjson");

        assertThat(reply.header("Content-Type")).startsWith("application/x-ndjson");
        List<JsonNode> lines = reply.text().lines().map(JSON::readTree).toList();
        assertThat(lines.getFirst()).hasToString(
                "{\"what\":\"refused\",\"line\":2,\"reason\":\"field_invalid\",\"member\":\"account\","
                        + "\"detail\":\"account is missing\"}");
        assertThat(lines.get(1)).hasToString("{\"what\":\"changed\",\"line\":3,\"kind\":\"project\",\"account\":\""
                + FILLED.customer.account() + "\",\"id\":\"house\",\"members\":[\"name\"]}");
        assertThat(lines.getLast().required("done").booleanValue()).isTrue();
        assertThat(lines.getLast().required("warnings").size()).isEqualTo(1);
        Reply broken = GATE.operate("POST", PATH + "/import?mode=diff", "{}\n", "Accept: application/x-ndjson");
        assertThat(broken.json().required("reason").stringValue()).isEqualTo("request_malformed");
    }
}
