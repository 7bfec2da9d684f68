package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.authentication.Authenticator;
import dev.postern.support.ClientTokens;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Explanations, the grants that they propose, and changes that are tried, on a gate that keeps recent decisions. */
@OwnsItsGate
class ExplainTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.license.enabled=true", "postern.license.enrollment=first-use",
            "postern.license.minimum-devices=0", "postern.recent-decisions.enabled=true",
            "postern.apis.body.operations[0].call=POST /batch",
            "postern.apis.body.operations[0].devices=body:targets[].device");
    /** The calls that the tests of grants ask about for each credential: more than any grant may cover. */
    private static final List<String> PROBES = probes();

    private final Customer customer = GATE.newCustomer();

    /** A device belongs to one account only, and most tests use the same devices. */
    @BeforeEach
    void enforceNoLicense() {
        license("{\"enabled\":false}");
    }

    private void license(String change) {
        assertThat(customer.manage("PUT", "/license?receipt=true", change).status()).isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.close();
    }

    private static List<String> probes() {
        List<String> probes = new ArrayList<>();
        for (String device : List.of("lamp", "car")) {
            for (String method : List.of("GET", "PUT", "DELETE")) {
                probes.add(method + " /devices/" + device);
                for (String stream : List.of("temp", "gps")) {
                    probes.add(method + " /devices/" + device + "/datastreams/" + stream);
                }
            }
            probes.add("GET /devices/" + device + "/datapoints?datastream_id=temp");
            probes.add("GET /devices/" + device + "/datapoints?datastream_id=temp,gps");
            probes.add("GET /logs/" + device);
        }
        probes.add("GET /devices/status?devIds=lamp,car");
        probes.add("GET /devices");
        probes.add("POST /batch {\"targets\":[{\"device\":\"lamp\"}]}");
        probes.add("POST /batch {\"targets\":[{\"device\":\"lamp\"},{\"device\":\"car\"}]}");
        probes.add("POST /devices/lamp/datastreams {\"id\":\"temp\"}");
        return probes;
    }

    private static ObjectNode question(String call) {
        String[] parts = call.split(" ", 3);
        ObjectNode question = JSON.createObjectNode().put("method", parts[0]).put("target", parts[1]);
        if (parts.length > 2) {
            question.put("body", parts[2]);
            question.putObject("headers").put("Content-Type", "application/json");
        }
        return question;
    }

    private static JsonNode explain(String credential, String call) {
        return ask("/api/v1/explain", question(call).put("credential", credential));
    }

    private static JsonNode ask(String path, ObjectNode question) {
        Reply reply = GATE.operate("POST", path, question.toString());
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    private JsonNode known(JsonNode credential, String call) {
        return ask("/api/v1/explain",
                question(call).put("account", customer.account()).put("credential_id", id(credential)));
    }

    private static String id(JsonNode credential) {
        return credential.required("id").stringValue();
    }

    private static String outcome(JsonNode explanation) {
        return explanation.required("outcome").stringValue();
    }

    private JsonNode newToken(String rules) {
        return customer.make("/static-tokens", "{\"name\":\"of " + customer.account() + rules.hashCode()
                + System.nanoTime() + "\",\"rules\":" + rules + "}");
    }

    @Test
    void sayWhatEachCheckSawAndWhichOneDecided() {
        JsonNode token = newToken("[{\"actions\":[\"get\"],\"devices\":[\"lamp\"],\"streams\":[\"temp\"]}]");
        String text = token.required("token").stringValue();

        JsonNode refused = explain(text, "GET /devices/lamp/datastreams/gps");

        assertThat(refused.required("decided_by").stringValue()).isEqualTo("streams");
        assertThat(results(refused)).isEqualTo("target passed, operation passed, credential passed, limits passed,"
                + " api passed, body not_needed, devices passed, method passed, streams refused, license not_reached,"
                + " backend not_reached");
        assertThat(refused.required("credential").required("kind").stringValue()).isEqualTo("static-token");
        assertThat(refused.required("credential").required("id").stringValue()).isEqualTo(id(token));
        assertThat(refused.required("license").required("devices").get(0).required("standing").stringValue())
                .isEqualTo("unknown");
        JsonNode record = refused.required("records").get(0);
        assertThat(record.required("record").stringValue()).isEqualTo("credential " + id(token));
        assertThat(record.required("version").stringValue())
                .isEqualTo(customer.manage("GET", "/static-tokens/" + id(token), "").header("ETag"));
        await().untilAsserted(() -> assertThat(explain(text, "GET /devices/lamp").required("records").get(0)
                .required("cached_seconds").isNumber()).isTrue());
        assertThat(results(explain(text, "GET /devices/lamp/datastreams/temp")))
                .endsWith("streams passed, license passed, backend passed");
        assertThat(explain("unknown", "GET /devices/lamp").required("answer").required("reason").stringValue())
                .isEqualTo("credential_invalid");
        assertThat(explain("unknown", "GET /devices/lamp").required("reason").stringValue())
                .isEqualTo("credential_unknown");
    }

    private static String results(JsonNode explanation) {
        return String.join(", ", explanation.required("checks").valueStream()
                .map(check -> check.required("check").stringValue() + " " + check.required("result").stringValue())
                .toList());
    }

    @Test
    void changeNothing() {
        license("{\"enabled\":true}");
        JsonNode token = newToken("[{\"actions\":[\"get\",\"delete\"],\"devices\":\"all\"}]");
        String rsa = id(customer.make("/rsa-tokens", "{\"name\":\"r" + customer.account()
                + "\",\"apis\":[\"devices\"],\"projects\":[]}"));
        JsonNode file = customer.manage("GET", "/rsa-tokens/" + rsa + "/file", "").json();
        String once = ClientTokens.encrypted(file, "\"jti\":\"" + customer.account() + "\"");
        long remembered = GATE.context().getBean(Authenticator.class).remembered();
        String decisions = counted();
        String entries = GATE.operate("GET", "/api/v1/audit?limit=1", "").text();
        BACKEND.forget();

        for (int i = 0; i < 3; i++) {
            JsonNode allowed = explain(token.required("token").stringValue(), "GET /devices/new-one");
            assertThat(outcome(allowed)).isEqualTo("allowed");
            assertThat(allowed.required("license").required("would_register").get(0).stringValue())
                    .isEqualTo("new-one");
            explain(token.required("token").stringValue(), "DELETE /devices/new-one");
            assertThat(explain(once, "GET /devices/x").required("reason").stringValue())
                    .isEqualTo("device_not_permitted");
        }

        assertThat(customer.manage("GET", "/devices", "").json().required("total_count").intValue()).isZero();
        assertThat(customer.manage("GET", "/license", "").json().required("used").intValue()).isZero();
        assertThat(GATE.context().getBean(Authenticator.class).remembered()).isEqualTo(remembered);
        assertThat(counted()).isEqualTo(decisions);
        assertThat(GATE.operate("GET", "/api/v1/audit?limit=1", "").text()).isEqualTo(entries);
        assertThat(BACKEND.received()).isEmpty();
        assertThat(customer.manage("GET", "/static-tokens/" + id(token), "").json().required("last_used_at").isNull())
                .isTrue();
        assertThat(GATE.call(once, "GET", "/devices/x").reason()).isEqualTo("device_not_permitted");
        assertThat(explain(once, "GET /devices/x").required("reason").stringValue()).isEqualTo("token_replayed");
    }

    private static String counted() {
        return String.join("\n", RawHttp.call(GATE.managementPort(), "GET", "/actuator/prometheus", "").text().lines()
                .filter(line -> line.startsWith("postern_decisions_total")
                        || line.startsWith("postern_recent_decisions"))
                .toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "[] | GET /devices/lamp | 1",
            "[] | PUT /devices/lamp/datastreams/gps | 1",
            "[] | GET /devices/lamp/datapoints?datastream_id=temp,gps | 1",
            "[] | GET /devices | 1",
            "[] | POST /batch {\"targets\":[{\"device\":\"lamp\"}]} | 1",
            "[] | POST /devices/lamp/datastreams {\"id\":\"temp\"} | 1",
            "[{\"apis\":[\"logs\"],\"actions\":[\"get\"],\"devices\":\"all\"}] | GET /devices/car | 1",
            "[{\"actions\":[\"get\"],\"devices\":[\"lamp\"]}] | DELETE /devices/lamp | 1",
            "[{\"actions\":[\"get\"],\"devices\":[\"lamp\"]}] | GET /devices/status?devIds=lamp,car | 1",
            "[{\"actions\":[\"get\"],\"devices\":[\"lamp\"],\"streams\":[\"temp\"]}]"
                    + " | GET /devices/lamp/datapoints?datastream_id=temp,gps | 1",
            "[{\"actions\":[\"get\"],\"devices\":[\"lamp\"],\"streams\":[\"temp\"]}]"
                    + " | GET /devices/status?devIds=lamp,car | 1"})
    void proposeTheSmallestGrantWhichPermitsTheCallAndNothingElse(String rules, String call, int most) {
        JsonNode token = newToken(rules);
        Map<String, String> before = outcomes(token);
        assertThat(before).containsEntry(call, "denied");

        JsonNode grant = known(token, call).required("grant");

        assertThat(grant.required("possible").booleanValue()).as(grant.toString()).isTrue();
        assertThat(grant.required("credential_id").stringValue()).isEqualTo(id(token));
        assertThat(grant.required("rules").size()).isEqualTo(most);
        String added = rules.substring(0, rules.length() - 1) + (rules.equals("[]") ? "" : ",")
                + grant.required("rules").toString().substring(1);
        assertThat(customer.manage("PUT", "/static-tokens/" + id(token), "{\"name\":\"n" + System.nanoTime()
                + "\",\"rules\":" + added + "}").status()).isEqualTo(200);
        assertCoversNothingElse(before, outcomes(token), call);
        assertThat(GATE.call(token.required("token").stringValue(), call.split(" ", 3)[0], call.split(" ", 3)[1],
                call.split(" ", 3).length > 2 ? call.split(" ", 3)[2] : "").status()).isEqualTo(200);
    }

    /** Asserts that of the calls that were refused, only those are allowed now that need no more than this one. */
    private static void assertCoversNothingElse(Map<String, String> before, Map<String, String> after, String call) {
        Map<String, String> expected = new TreeMap<>(before);
        expected.put(call, "allowed");
        if (call.endsWith("datastream_id=temp,gps")) {
            expected.put(call.replace("temp,gps", "temp"), "allowed");
        }
        if (call.equals("GET /devices")) {
            // Whoever may read the account may read its devices, but only in this API.
            before.keySet().stream().filter(probe -> probe.matches("GET /devices/(status.*|\\w+)"))
                    .forEach(probe -> expected.put(probe, "allowed"));
        }
        if (call.startsWith("GET /devices/status") && "denied".equals(before.get("GET /devices/car"))) {
            expected.put("GET /devices/car", "allowed");
            expected.put("GET /devices/lamp", "allowed");
        }
        assertThat(after).isEqualTo(expected);
    }

    private Map<String, String> outcomes(JsonNode credential) {
        Map<String, String> outcomes = new TreeMap<>();
        PROBES.forEach(probe -> outcomes.put(probe, outcome(known(credential, probe))));
        return outcomes;
    }

    @Test
    void proposePermissionsForAnApiKey() {
        JsonNode key = customer.make("/api-keys", "{\"name\":\"k\",\"permissions\":[]}");
        String call = "PUT /devices/lamp/datastreams/gps";
        Map<String, String> before = outcomes(key);

        JsonNode grant = known(key, call).required("grant");

        assertThat(grant.required("permissions")).hasToString(
                "[{\"actions\":[\"put\"],\"resources\":[{\"device\":\"lamp\",\"stream\":\"gps\"}]}]");
        customer.manage("PUT", "/api-keys/" + id(key),
                "{\"name\":\"k\",\"permissions\":" + grant.required("permissions")
                        + "}");
        assertCoversNothingElse(before, outcomes(key), call);
        assertThat(known(key, "GET /devices").required("grant").required("why_not").stringValue())
                .contains("An API key is always limited to devices");
    }

    @Test
    void sayWhyNoGrantHelps() {
        JsonNode token = newToken("[]");
        String text = token.required("token").stringValue();
        assertThat(whyNot(explain("unknown", "GET /devices/lamp"))).contains("The credential itself is refused");
        assertThat(whyNot(explain(text, "GET /nowhere"))).contains("whatever the credential permits");
        assertThat(whyNot(explain(text, "POST /batch {"))).contains("cannot read");
        license("{\"enabled\":true,\"plan\":\"paid\",\"seats\":1}");
        assertThat(GATE.call(customer.masterKey(), "GET", "/devices/first").status()).isEqualTo(200);
        JsonNode full = explain(customer.masterKey(), "GET /devices/second");
        assertThat(full.required("reason").stringValue()).isEqualTo("device_over_quota");
        assertThat(whyNot(full)).contains("The license refuses the call");
        assertThat(known(token, "GET /devices/second").required("grant").required("still_refused").required("code")
                .stringValue()).isEqualTo("D1022");
        customer.manage("PUT", "/static-tokens/" + id(token), "{\"name\":\"n" + System.nanoTime()
                + "\",\"enabled\":false,\"rules\":[]}");
        assertThat(whyNot(known(token, "GET /devices/first"))).contains("disabled");
    }

    private static String whyNot(JsonNode explanation) {
        assertThat(explanation.required("grant").required("possible").booleanValue()).isFalse();
        return explanation.required("grant").required("why_not").stringValue();
    }

    @Test
    void showAnAccountOnlyItsOwn() {
        Customer other = GATE.newCustomer();
        JsonNode theirs = other.make("/static-tokens", "{\"name\":\"of " + other.account() + "\"}");
        JsonNode mine = newToken("[]");
        ObjectNode question = question("GET /devices/lamp");

        assertThat(asHolder(question.deepCopy().put("credential_id", id(mine))).status()).isEqualTo(200);
        assertThat(asHolder(question.deepCopy().put("credential", mine.required("token").stringValue())).status())
                .isEqualTo(200);
        assertThat(asHolder(question.deepCopy().put("credential", "a b")).json().required("reason").stringValue())
                .isEqualTo("credential_malformed");
        Reply unknown = asHolder(question.deepCopy().put("credential", "unknown"));
        assertThat(unknown.status()).isEqualTo(404);
        for (ObjectNode hidden : List.of(question.deepCopy().put("credential", theirs.required("token").stringValue()),
                question.deepCopy().put("credential", other.masterKey()),
                question.deepCopy().put("credential_id", id(theirs)),
                question.deepCopy().put("credential_id", id(theirs)).put("account", other.account()))) {
            Reply reply = asHolder(hidden);
            assertThat(reply.status()).as(reply.text()).isEqualTo(404);
            assertThat(reply.json().required("detail")).isEqualTo(unknown.json().required("detail"));
        }
        assertThat(RawHttp.call(GATE.managementPort(), "POST", "/api/v1/what-if", "{\"account\":\"" + other.account()
                + "\",\"credential_id\":\"" + id(theirs) + "\",\"change\":{}}",
                "Authorization: Bearer " + customer.masterKey()).status()).isEqualTo(404);
    }

    private Reply asHolder(ObjectNode question) {
        return RawHttp.call(GATE.managementPort(), "POST", "/api/v1/explain", question.toString(),
                "Authorization: Bearer " + customer.masterKey());
    }

    @Test
    void areForViewersToo() {
        GATE.operate("POST", "/api/v1/operators",
                "{\"name\":\"explainer\",\"role\":\"viewer\",\"password\":\"correct horse battery\"}");
        String basic = "Authorization: Basic " + Base64.getEncoder()
                .encodeToString("explainer:correct horse battery".getBytes(StandardCharsets.US_ASCII));
        ObjectNode question = question("GET /devices/lamp").put("account", customer.account()).put("credential_id",
                id(newToken("[]")));

        JsonNode explained = RawHttp
                .call(GATE.managementPort(), "POST", "/api/v1/explain", question.toString(), basic).json();

        assertThat(explained).isEqualTo(withoutTimes(explained, ask("/api/v1/explain", question)));
        assertThat(explained.toString()).doesNotContain("***");
    }

    /** Makes equal what differs from one answer to the next. */
    private static JsonNode withoutTimes(JsonNode like, JsonNode explanation) {
        ObjectNode copy = ((ObjectNode) explanation).deepCopy();
        copy.set("gate", like.required("gate"));
        copy.set("records", like.required("records"));
        return copy;
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"method\":\"GET\"}", "{\"method\":\"G T\",\"target\":\"/\"}",
            "{\"method\":\"GET\",\"target\":\"/\",\"credential\":\"hunter2\",\"credential_id\":\"x\",\"account\":\"a\"}",
            "{\"method\":\"GET\",\"target\":\"/\",\"credential\":\"hunter2\",\"headers\":{\"api-key\":\"x\"}}",
            "{\"method\":\"GET\",\"target\":\"/\",\"headers\":{\"hunter2 \":\"x\"}}",
            "{\"method\":\"GET\",\"target\":\"/\",\"headers\":{\"a\":\"hunter2\\n\"}}",
            "{\"method\":\"GET\",\"target\":\"/\",\"client_address\":\"hunter2\"}",
            "{\"method\":\"GET\",\"target\":\"/\",\"credential_id\":\"x\"}"})
    void refuseQuestionsThatCannotBeMeant(String question) {
        Reply reply = GATE.operate("POST", "/api/v1/explain", question);

        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.reason()).isEqualTo("field_invalid");
        assertThat(reply.text()).doesNotContain("hunter2");
    }

    @Test
    void tryAChangeBeforeItIsSaved() {
        JsonNode token = newToken("[{\"actions\":[\"get\"],\"devices\":\"all\"}]");
        String text = token.required("token").stringValue();
        for (int i = 0; i < 3; i++) {
            assertThat(GATE.call(text, "GET", "/devices/lamp").status()).isEqualTo(200);
        }
        assertThat(GATE.call(text, "GET", "/devices/car").status()).isEqualTo(200);
        assertThat(GATE.call(text, "PUT", "/devices/lamp", "{}").status()).isEqualTo(403);
        String change = "{\"account\":\"" + customer.account() + "\",\"credential_id\":\"" + id(token)
                + "\",\"change\":{\"rules\":[{\"actions\":[\"get\",\"put\"],\"devices\":[\"lamp\"]}]},"
                + "\"calls\":[{\"method\":\"GET\",\"target\":\"/devices/lamp\"},"
                + "{\"method\":\"GET\",\"target\":\"/devices/car\"},{\"method\":\"PUT\",\"target\":\"/devices/lamp\"}]}";

        JsonNode tried = GATE.operate("POST", "/api/v1/what-if", change).json();

        assertThat(tried.required("calls").valueStream().map(call -> outcome(call.required("before")) + " "
                + outcome(call.required("after")) + " " + call.required("changed")).toList())
                .containsExactly("allowed allowed false", "allowed denied true", "denied allowed true");
        JsonNode replay = tried.required("replay");
        assertThat(replay.required("decisions").intValue()).isEqualTo(5);
        assertThat(replay.required("would_refuse").intValue()).isEqualTo(1);
        assertThat(replay.required("would_allow").intValue()).isEqualTo(1);
        assertThat(replay.required("devices")).hasToString("[{\"device\":\"car\",\"calls\":1}]");
        assertThat(replay.required("credentials")).hasToString("[{\"id\":\"" + id(token) + "\",\"calls\":1}]");
        assertThat(replay.required("summary").stringValue()).isEqualTo(
                "This change would refuse 1 and newly allow 1 of the 5 calls with this credential that this gate remembers.");
        assertThat(replay.toString()).doesNotContain(text);
        assertThat(GATE.call(text, "GET", "/devices/car").status()).as("nothing was saved").isEqualTo(200);
    }

    @Test
    void replayLimitsAndTokensThatComeFromACredential() {
        customer.make("/users", "{\"id\":\"u\",\"name\":\"U\",\"devices\":[\"lamp\"]}");
        JsonNode jwt = customer.make("/jwt-tokens", "{\"name\":\"j" + customer.account()
                + "\",\"apis\":[\"devices\"],\"users\":[\"u\"]}");
        String token = ClientTokens.signed(jwt, ClientTokens.claims("\"sub\":\"u\""));
        assertThat(GATE.call(token, "GET", "/devices/lamp").status()).isEqualTo(200);

        assertThat(wouldRefuse(jwt, "{\"allowed_networks\":[\"127.0.0.1\"]}")).isZero();
        assertThat(wouldRefuse(jwt, "{\"allowed_networks\":[\"10.0.0.0/8\"]}")).isOne();
        assertThat(wouldRefuse(jwt, "{\"users\":[]}")).isOne();
        assertThat(wouldRefuse(jwt, "{\"enabled\":false}")).isOne();
        assertThat(wouldRefuse(jwt, "{\"expires_at\":\"2020-01-01\"}")).isOne();
        assertThat(wouldRefuse(jwt, "{\"apis\":[\"logs\"]}")).isOne();
    }

    private int wouldRefuse(JsonNode credential, String change) {
        Reply reply = GATE.operate("POST", "/api/v1/what-if", "{\"account\":\"" + customer.account()
                + "\",\"credential_id\":\"" + id(credential) + "\",\"change\":" + change + "}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json().required("replay").required("would_refuse").intValue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"colour\":1} | change has an unknown member",
            "{\"rules\":[{}]} | change: rules[0]",
            "{\"rules\":[{\"apis\":[\"no\"],\"actions\":[],\"devices\":\"all\"}]}"
                    + " | change: rules[0].apis[0] is not an API of the catalogue",
            "{\"expires_at\":\"soon\"} | change: expires_at", "[] | change is not a JSON object"})
    void nameTheMemberOfAChangeThatIsWrong(String change, String detail) {
        Reply reply = GATE.operate("POST", "/api/v1/what-if", "{\"account\":\"" + customer.account()
                + "\",\"credential_id\":\"" + id(newToken("[]")) + "\",\"change\":" + change + "}");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().required("detail").stringValue()).startsWith(detail);
    }
}
