package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.EveryScript;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Exports accounts and imports them, at two gates with the same secret keys, each on a Redis of its own. */
@OwnsItsGate
@Order(4)
class AccountTransferTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestGate HERE = TestGate.start(properties());
    private static final TestGate THERE = TestGate.start(properties("postern.secret-keys.file="
            + HERE.context().getEnvironment().getProperty("postern.data-dir") + "/secret-keys.json"));

    private static String[] properties(String... more) {
        return Stream.of(EveryScript.properties(FilledAccount.ISSUER), new String[]{"postern.backend="
                + BACKEND.address(), "postern.store.management.command-timeout=10s"}, more).flatMap(Arrays::stream)
                .toArray(String[]::new);
    }

    @AfterAll
    static void stop() {
        HERE.close();
        THERE.close();
    }

    private static String export(TestGate gate, String scope) {
        Reply reply = gate.operate("GET", "/api/v1" + scope + "/export", "");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).startsWith("application/x-ndjson");
        return reply.text();
    }

    private static JsonNode run(TestGate gate, String scope, String mode, String document) {
        Reply reply = gate.operate("POST", "/api/v1" + scope + "/import?mode=" + mode, document);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    private static String of(Customer customer) {
        return "/accounts/" + customer.account();
    }

    /** All but the first line, which has the time. */
    private static String body(String document) {
        return document.substring(document.indexOf('\n') + 1);
    }

    private static void assertCounts(JsonNode reply, int created, int changed, int deleted, int refused) {
        assertThat(List.of(reply.required("created").intValue(), reply.required("changed").intValue(),
                reply.required("deleted").intValue(), reply.required("refused").intValue())).as(reply.toString())
                .containsExactly(created, changed, deleted, refused);
    }

    private static List<ObjectNode> lines(String document) {
        return document.lines().map(line -> (ObjectNode) JSON.readTree(line)).toList();
    }

    private static String document(List<ObjectNode> lines) {
        return lines.stream().map(JSON::writeValueAsString).collect(Collectors.joining("\n", "", "\n"));
    }

    private static ObjectNode line(List<ObjectNode> lines, String kind, int place) {
        return lines.stream().filter(line -> line.required("kind").stringValue().equals(kind)).skip(place).findFirst()
                .orElseThrow();
    }

    /** All keys and values in the Redis of a gate, except those that the gate writes in the background. */
    private static Map<String, String> everything(TestGate gate) {
        Map<String, String> all = new TreeMap<>();
        List<String> keys = gate.redis().run(commands -> commands.keys("postern:*")).blockOptional().orElseThrow();
        for (String key : keys) {
            if (!key.startsWith("postern:{changes}") && !key.startsWith("postern:{audit}")
                    && !key.startsWith("postern:licenses-")
                    && !key.equals("postern:first-operator") && !key.contains("credential-calls")
                    && !key.contains(":active:")
                    && !key.contains("-used") && !key.endsWith(":mark") && !key.contains("old-secret")) {
                all.put(key, content(gate, key));
            }
        }
        return all;
    }

    private static String content(TestGate gate, String key) {
        return switch (gate.redis().run(commands -> commands.type(key)).blockOptional().orElseThrow()) {
            case "string" -> gate.redis().run(commands -> commands.get(key)).blockOptional().orElse("");
            case "hash" ->
                new TreeMap<>(gate.redis().run(commands -> commands.hgetall(key)).blockOptional().orElseThrow())
                        .toString();
            case "zset" -> gate.redis().run(commands -> commands.zrangeWithScores(key, 0, -1)).blockOptional()
                    .orElseThrow().toString();
            case "stream" -> gate.redis().run(commands -> commands.xlen(key)).blockOptional().orElseThrow().toString();
            case String other -> throw new AssertionError(key + " is a " + other);
        };
    }

    @Test
    void bringsEverythingBackElsewhereAndEveryCredentialStillWorks() {
        empty(THERE);
        FilledAccount filled = FilledAccount.at(HERE);
        filled.assertWorksAt(HERE);
        assertThat(filled.status(HERE, filled.blockedToken())).isEqualTo(401);
        String exported = export(HERE, "");
        assertThat(lines(exported).stream().map(line -> line.required("kind").stringValue()).distinct())
                .containsExactlyInAnyOrder("header", "account", "project", "user", "license", "device", "api-key",
                        "static-token", "application", "authcode", "rsa-token", "jwt-token", "blocked-subject", "share",
                        "end");
        assertCounts(run(HERE, "", "diff", exported), 0, 0, 0, 0);

        JsonNode reply = run(THERE, "", "apply", exported);

        assertThat(reply.required("refused").intValue()).as(reply.toString()).isZero();
        assertThat(Stream.of("created", "changed", "unchanged").mapToInt(count -> reply.required(count).intValue())
                .sum()).isEqualTo(lines(exported).size() - 2);
        assertThat(reply.required("warnings")).isEmpty();
        assertThat(body(export(THERE, ""))).isEqualTo(body(exported));
        assertCounts(run(THERE, "", "diff", exported), 0, 0, 0, 0);
        assertCounts(run(THERE, "", "sync", exported), 0, 0, 0, 0);
        filled.assertWorksAt(THERE);
        assertThat(filled.status(THERE, filled.blockedToken())).isEqualTo(401);
        // What the API shows is the same, too.
        for (String rest : List.of("", "/projects", "/users", "/devices", "/license", "/static-tokens", "/api-keys",
                "/rsa-tokens", "/jwt-tokens", "/blocked-subjects", "/devices/" + filled.lamp() + "/shares")) {
            assertThat(THERE.operate("GET", "/api/v1" + of(filled.customer) + rest, "").text()
                    .replaceAll("\"last_used_at\":[^,}]*", "")).as(rest)
                    .isEqualTo(filled.customer.manage("GET", rest, "").text()
                            .replaceAll("\"last_used_at\":[^,}]*", ""));
        }
        empty(THERE);
        filled.credentials.forEach((name, credential) -> {
            if (!name.equals("application") && !name.equals("application by its old secret")
                    && !name.equals("terminal")) {
                assertThat(filled.status(THERE, credential.apply(THERE))).as(name).isEqualTo(401);
            }
        });
    }

    /** Deletes all accounts, with a document that has none. */
    private static void empty(TestGate gate) {
        for (JsonNode account : gate.operate("GET", "/api/v1/accounts?per_page=100", "").json().required("accounts")) {
            assertThat(gate.operate("DELETE", "/api/v1/accounts/" + account.required("id").stringValue(), "").status())
                    .isEqualTo(204);
        }
        assertThat(lines(export(gate, ""))).hasSize(2);
    }

    @Test
    void hasNoSecretInClear() {
        FilledAccount filled = FilledAccount.at(HERE);
        String exported = export(HERE, of(filled.customer));

        filled.credentials.forEach((name, credential) -> assertThat(exported).as(name)
                .doesNotContain(credential.apply(HERE)));
        String sealed = line(lines(exported), "api-key", 0).required("secrets").required("sealed").stringValue();
        assertThat(new String(Base64.getDecoder().decode(sealed), StandardCharsets.ISO_8859_1))
                .doesNotContain(filled.presented("API key", HERE));
    }

    @Test
    void showsExactlyWhatDiffers() {
        FilledAccount filled = FilledAccount.at(HERE);
        Customer customer = filled.customer;
        String before = export(HERE, of(customer));
        String token = FilledAccount.id(lines(before).stream()
                .filter(line -> line.required("kind").stringValue().equals("static-token")).findFirst().orElseThrow());
        assertThat(customer.manage("PUT", "/static-tokens/" + token, "{\"name\":\"s " + customer.account()
                + "\",\"enabled\":false,\"rules\":[]}").status()).isEqualTo(200);
        assertThat(customer.manage("PUT", "/license", "{\"seats\":9}").status()).isEqualTo(200);
        assertThat(customer.manage("DELETE", "/devices/car-" + customer.account(), "").status()).isEqualTo(204);
        JsonNode added = customer.make("/projects", "{\"name\":\"n\",\"devices\":[]}");

        JsonNode diff = run(HERE, of(customer), "diff", before);

        assertCounts(diff, 1, 2, 1, 0);
        assertThat(diff.required("changes").valueStream().map(change -> change.required("what").stringValue() + " "
                + change.required("kind").stringValue() + " " + change.path("id").asString("") + " "
                + change.path("members")))
                .containsExactly("changed license  [\"seats\"]",
                        "created device car-" + customer.account() + " ",
                        "changed static-token " + token + " [\"enabled\",\"rules\"]",
                        "deleted project " + FilledAccount.id(added) + " ");
    }

    @Test
    void appliesWithoutDeletingAndSyncsWithDeleting() {
        FilledAccount filled = FilledAccount.at(HERE);
        Customer customer = filled.customer;
        String before = export(HERE, of(customer));
        String surplus = customer.make("/static-tokens", "{\"name\":\"surplus " + customer.account() + "\"}")
                .required("token").stringValue();
        JsonNode key = customer.make("/api-keys", "{\"name\":\"surplus\",\"permissions\":[]}");
        customer.make("/devices", "{\"id\":\"surplus-" + customer.account() + "\",\"title\":\"n\"}");
        assertThat(filled.status(HERE, surplus)).isEqualTo(200);

        assertCounts(run(HERE, of(customer), "apply", before), 0, 0, 0, 0);
        assertThat(filled.status(HERE, surplus)).isEqualTo(200);
        JsonNode synced = run(HERE, of(customer), "sync", before);

        assertCounts(synced, 0, 0, 3, 0);
        assertThat(filled.status(HERE, surplus)).isEqualTo(401);
        assertThat(customer.manage("GET", "/api-keys/" + FilledAccount.id(key), "").status()).isEqualTo(404);
        assertThat(body(export(HERE, of(customer)))).isEqualTo(body(before));
        assertThat(before).contains(
                "\"id\":\"bell-" + customer.account() + "\",\"title\":\"waits\",\"user\":\"alice\",\"seated\":false");
        filled.assertWorksAt(HERE);
        // The name of the token is free again.
        customer.make("/static-tokens", "{\"name\":\"surplus " + customer.account() + "\"}");
    }

    @Test
    void changesWhatWasEdited() {
        FilledAccount filled = FilledAccount.at(HERE);
        Customer customer = filled.customer;
        List<ObjectNode> lines = lines(export(HERE, of(customer)));
        line(lines, "account", 0).put("name", "Renamed");
        line(lines, "project", 0).putArray("devices").add(filled.lamp()).add("other");
        line(lines, "license", 0).put("seats", 3);
        line(lines, "device", 0).put("title", "retitled").remove("user");
        line(lines, "device", 2).put("seated", true);
        line(lines, "api-key", 0).put("name", "renamed").remove("allowed_networks");
        line(lines, "static-token", 0).put("enabled", false).putArray("rules");
        line(lines, "application", 0).put("name", "renamed").put("expires_at", "2998-01-01T00:00:00Z");
        line(lines, "authcode", 0).put("terminals", 7).remove("valid_until");
        line(lines, "rsa-token", 0).putArray("projects");
        line(lines, "jwt-token", 0).put("name", "renamed " + customer.account());
        line(lines, "blocked-subject", 0).put("created_at", "2020-01-01T00:00:00Z");
        String edited = document(lines);
        Map<String, String> before = everything(HERE);
        assertCounts(run(HERE, of(customer), "dry_run", edited), 0, 12, 0, 0);
        assertCounts(run(HERE, of(customer), "diff", edited), 0, 12, 0, 0);
        assertThat(everything(HERE)).isEqualTo(before);

        JsonNode reply = run(HERE, of(customer), "apply", edited);

        assertCounts(reply, 0, 12, 0, 0);
        JsonNode members = reply.required("changes").get(3).required("members");
        assertThat(members).hasToString("[\"title\",\"user\"]");
        assertThat(lines(body(export(HERE, of(customer))))).isEqualTo(lines(body(edited)));
        assertThat(customer.manage("GET", "/license", "").json().required("used").intValue()).isEqualTo(3);
        assertThat(customer.manage("GET", "", "").json().required("name").stringValue()).isEqualTo("Renamed");
        assertThat(filled.status(HERE, filled.presented("new static token", HERE))).isEqualTo(401);
        assertThat(filled.status(HERE, filled.presented("RSA token", HERE))).isEqualTo(403);
    }

    @Test
    void changesNothingInADryRunThatWouldCreateEverything() {
        FilledAccount filled = FilledAccount.at(HERE);
        String exported = export(HERE, of(filled.customer));
        String both = document(Stream.of(List.of(header()), inner(export(HERE, of(filled.receiver))), inner(exported),
                List.of(end())).flatMap(List::stream).toList());
        Map<String, String> before = everything(THERE);

        JsonNode dry = run(THERE, "", "dry_run", both);
        JsonNode diff = run(THERE, of(filled.customer), "diff", exported);

        assertCounts(dry, lines(both).size() - 2, 0, 0, 0);
        assertCounts(diff, lines(exported).size() - 2, 0, 0, 0);
        assertThat(everything(THERE)).isEqualTo(before);
    }

    private static ObjectNode header() {
        return JSON.createObjectNode().put("kind", "header").put("format", "postern").put("version", 1);
    }

    private static ObjectNode end() {
        return JSON.createObjectNode().put("kind", "end");
    }

    private static List<ObjectNode> inner(String document) {
        List<ObjectNode> lines = lines(document);
        return lines.subList(1, lines.size() - 1);
    }

    @Test
    void foreseesInADryRunWhatApplyWouldRefuse() {
        FilledAccount filled = FilledAccount.at(HERE);
        Customer customer = filled.customer;
        List<ObjectNode> lines = new ArrayList<>(lines(export(HERE, of(customer))));
        ObjectNode device = line(lines, "device", 0).deepCopy();
        int at = lines.indexOf(line(lines, "api-key", 0));
        lines.add(at, device.deepCopy().put("id", "new-" + customer.account()).put("seated", true));
        lines.add(at,
                device.deepCopy().put("id", "next-" + customer.account()).put("seated", false).put("user", "bob"));
        String others = "foreign-" + filled.receiver.account();
        filled.receiver.make("/devices", "{\"id\":\"" + others + "\",\"title\":\"n\"}");
        lines.add(at, device.deepCopy().put("id", others).put("seated", false));
        customer.make("/static-tokens", "{\"name\":\"taken by " + customer.account() + "\"}");
        line(lines, "jwt-token", 0).put("name", "taken by " + customer.account());
        lines.add(lines.size() - 1, line(lines, "share", 0).deepCopy().put("with", "nobody"));
        lines.add(lines.size() - 1, line(lines, "blocked-subject", 0).deepCopy().put("issuer", "unknown"));
        Map<String, String> before = everything(HERE);

        JsonNode dry = run(HERE, of(customer), "dry_run", document(lines));

        assertThat(everything(HERE)).isEqualTo(before);
        assertThat(reasons(dry)).containsExactly("held_by_another", "not_found", "no_seat", "already_exists",
                "not_found", "not_found");
        assertThat(reasons(run(HERE, of(customer), "apply", document(lines)))).isEqualTo(reasons(dry));
    }

    private static List<String> reasons(JsonNode reply) {
        return reply.required("errors").valueStream().map(error -> error.required("reason").stringValue()).toList();
    }

    @Test
    void deletesNothingForADocumentThatIsCutOffOrHasALineThatIsRefused() {
        FilledAccount filled = FilledAccount.at(HERE);
        Customer customer = filled.customer;
        String exported = export(HERE, of(customer));
        customer.make("/static-tokens", "{\"name\":\"surplus " + customer.account() + "\"}");
        String cut = exported.substring(0, exported.lastIndexOf("{\"kind\":\"end\"}"));

        for (String document : List.of(cut, exported.substring(0, exported.length() / 2),
                exported.replace("{\"kind\":\"project\"", "{\"kind\":\"projekt\""))) {
            JsonNode reply = run(HERE, of(customer), "sync", document);
            assertThat(reply.required("deleted").intValue()).isZero();
            assertThat(reply.required("warnings").size()).isPositive();
        }
        assertThat(run(HERE, of(customer), "diff", exported).required("deleted").intValue()).isEqualTo(1);
    }

    @Test
    void refusesASyncThatWouldDeleteAllAccounts() {
        Customer customer = THERE.newCustomer();
        String none = document(List.of(header(), end()));

        Reply refused = THERE.operate("POST", "/api/v1/import?mode=sync", none);

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().required("detail").stringValue()).contains("names no account");
        assertThat(customer.manage("GET", "", "").status()).isEqualTo(200);
        assertCounts(run(THERE, "", "apply", none), 0, 0, 0, 0);
    }

    @Test
    void deletesAccountsOnlyWithADocumentOfAllAccounts() {
        empty(THERE);
        Customer kept = THERE.newCustomer();
        String all = export(THERE, "");
        Customer dropped = THERE.newCustomer();
        String key = dropped.masterKey();

        assertCounts(run(THERE, "", "apply", all), 0, 0, 0, 0);
        assertCounts(run(THERE, "", "sync", export(THERE, of(kept))), 0, 0, 0, 0);
        assertThat(dropped.manage("GET", "", "").status()).isEqualTo(200);
        JsonNode reply = run(THERE, "", "sync", all);

        assertCounts(reply, 0, 0, 1, 0);
        assertThat(reply.required("changes").get(0)).hasToString(
                "{\"what\":\"deleted\",\"kind\":\"account\",\"account\":\"" + dropped.account() + "\"}");
        assertThat(dropped.manage("GET", "", "").status()).isEqualTo(404);
        assertThat(THERE.call(key, "GET", "/devices/lamp").status()).isEqualTo(401);
    }

    @Test
    void doesNotUndoARotation() {
        FilledAccount filled = FilledAccount.at(HERE);
        Customer customer = filled.customer;
        String before = export(HERE, of(customer));
        String id = FilledAccount.id(line(lines(before), "static-token", 0));
        assertThat(customer.manage("POST", "/static-tokens/" + id + ":end-rotation", "").status()).isEqualTo(200);
        String replaced = customer.manage("POST", "/master-key", "").json().required("master_key").stringValue();

        for (String mode : List.of("dry_run", "apply")) {
            JsonNode reply = run(HERE, of(customer), mode, before);
            assertThat(reasons(reply)).as(mode).containsExactly("not_changeable", "not_changeable");
            assertThat(reply.required("errors").valueStream().map(error -> error.required("member").stringValue()))
                    .containsOnly("secrets");
        }
        assertThat(filled.status(HERE, filled.presented("old static token", HERE))).isEqualTo(401);
        assertThat(filled.status(HERE, customer.masterKey())).isEqualTo(401);
        assertThat(filled.status(HERE, replaced)).isEqualTo(200);
    }

    @Test
    void canBeRepeated() {
        FilledAccount filled = FilledAccount.at(HERE);
        List<ObjectNode> lines = lines(export(HERE, of(filled.customer))).stream()
                .filter(line -> !line.required("kind").stringValue().equals("share")).toList();
        String half = document(lines.subList(0, lines.size() / 2));
        run(THERE, of(filled.customer), "apply", half);

        JsonNode reply = run(THERE, of(filled.customer), "apply", document(lines));

        assertThat(reply.required("unchanged").intValue()).isEqualTo(lines.size() / 2 - 1);
        assertThat(reply.required("refused").intValue()).isZero();
        assertCounts(run(THERE, of(filled.customer), "apply", document(lines)), 0, 0, 0, 0);
        assertThat(THERE.operate("DELETE", "/api/v1" + of(filled.customer), "").status()).isEqualTo(204);
    }

    @Test
    @LongTest
    void streamsTenThousandDevices() {
        Customer customer = HERE.newCustomer();
        int count = 10_000;
        assertThat(customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":" + (count - 5) + "}").status())
                .isEqualTo(200);
        String devices = IntStream.range(0, count).mapToObj(i -> "{\"id\":\"" + customer.account() + "-" + i
                + "\",\"title\":\"n\"}\n").collect(Collectors.joining());
        assertThat(customer.manage("POST", "/devices:import", devices).json().required("added").intValue())
                .isEqualTo(count);
        String exported = export(HERE, of(customer));
        assertThat(lines(exported)).hasSize(count + 4);

        Reply reply = THERE.operate("POST", "/api/v1" + of(customer) + "/import?mode=apply", exported,
                "Accept: application/x-ndjson");

        List<ObjectNode> results = lines(reply.text());
        assertThat(results).hasSize(count + 3);
        assertCounts(results.getLast(), count + 1, 1, 0, 0);
        assertThat(results.getLast().required("done").booleanValue()).isTrue();
        assertThat(body(export(THERE, of(customer)))).isEqualTo(body(exported));
        assertThat(THERE.operate("GET", "/api/v1" + of(customer) + "/license", "").json().required("used").intValue())
                .isEqualTo(count - 5);
        List<ObjectNode> few = Stream.concat(lines(exported).subList(0, 10).stream(), Stream.of(end())).toList();
        Reply synced = THERE.operate("POST", "/api/v1" + of(customer) + "/import?mode=sync", document(few),
                "Accept: application/x-ndjson");
        assertCounts(lines(synced.text()).getLast(), 0, 0, count - 7, 0);
        assertCounts(run(THERE, of(customer), "diff", document(few)), 0, 0, 0, 0);
        assertThat(customer.manage("DELETE", "", "").status()).isEqualTo(204);
        assertThat(THERE.operate("DELETE", "/api/v1" + of(customer), "").status()).isEqualTo(204);
    }

    @Test
    void refusesTheSecretsOfOtherSecretKeysAndTakesTheRest() {
        FilledAccount filled = FilledAccount.at(HERE);
        List<ObjectNode> lines = lines(export(HERE, of(filled.customer)));
        try (TestGate stranger = TestGate.start(properties())) {
            JsonNode nothing = run(stranger, "", "apply", document(lines));
            assertThat(nothing.required("created").intValue()).isZero();
            assertThat(nothing.required("errors").get(0).required("reason").stringValue())
                    .isEqualTo("other_secret_keys");
            assertThat(everything(stranger).keySet()).noneMatch(key -> key.contains(filled.customer.account()))
                    .noneMatch(key -> key.startsWith("postern:credential:"))
                    .noneMatch(key -> key.startsWith("postern:token-name:"));
            stranger.operate("POST", "/api/v1/accounts", "{\"id\":\"" + filled.customer.account()
                    + "\",\"name\":\"n\"}");

            JsonNode reply = run(stranger, of(filled.customer), "apply", document(lines));

            assertThat(reply.required("changes").valueStream().map(change -> change.required("kind").stringValue())
                    .distinct()).containsExactly("project", "user", "license", "device", "blocked-subject");
            assertThat(reply.required("errors").valueStream()
                    .filter(error -> error.required("reason").stringValue().equals("other_secret_keys"))
                    .map(error -> error.required("kind").stringValue()).distinct())
                    .containsExactly("account", "api-key", "static-token", "application", "authcode", "rsa-token",
                            "jwt-token");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"api-key", "static-token", "application", "rsa-token", "jwt-token", "authcode", "account"})
    void refusesSecretsThatWereEditedOrMoved(String kind) {
        FilledAccount filled = FilledAccount.at(HERE);
        FilledAccount other = FilledAccount.at(HERE);
        List<ObjectNode> lines = lines(export(HERE, of(filled.customer)));
        ObjectNode line = line(lines, kind, 0);
        ObjectNode moved = line.deepCopy().put("account", other.customer.account());
        ObjectNode edited = line.deepCopy();
        String member = edited.required("secrets").has("index") ? "index" : "master";
        ((ObjectNode) edited.required("secrets")).put(member, "A".repeat(43));
        ObjectNode bare = line.deepCopy();
        bare.remove("secrets");
        ObjectNode unproven = line.deepCopy();
        ((ObjectNode) unproven.required("secrets")).remove("proof");

        JsonNode reply = run(HERE, "", "apply", document(List.of(header(), moved, edited, bare, unproven, end())));

        assertThat(reasons(reply)).containsExactly("other_secret_keys", "other_secret_keys", "field_invalid",
                "other_secret_keys");
        assertThat(reply.required("errors").valueStream().map(error -> error.required("member").stringValue()))
                .containsOnly("secrets");
        assertCounts(reply, 0, 0, 0, 4);
    }

    @Test
    void letsOneOfTwoAccountsHaveAName() {
        FilledAccount filled = FilledAccount.at(HERE);
        List<ObjectNode> lines = new ArrayList<>(lines(export(HERE, of(filled.customer))));
        String name = line(lines, "rsa-token", 0).required("name").stringValue();
        Customer rival = THERE.newCustomer();
        rival.make("/static-tokens", "{\"name\":\"" + name + "\"}");
        line(lines, "jwt-token", 0).put("name", line(lines, "static-token", 0).required("name").stringValue());
        lines.removeIf(line -> line.required("kind").stringValue().equals("share"));

        for (String mode : List.of("dry_run", "apply")) {
            JsonNode reply = run(THERE, of(filled.customer), mode, document(lines));
            assertThat(reasons(reply)).as(mode).containsExactly("already_exists", "already_exists");
            assertThat(reply.required("errors").get(0).required("detail").stringValue()).contains(name)
                    .contains("of account " + rival.account());
        }
        assertThat(THERE.operate("DELETE", "/api/v1" + of(filled.customer), "").status()).isEqualTo(204);
    }

    @Test
    void recordsAnImportInTheAuditLogWithoutSecretsAndAComparisonNot() {
        FilledAccount filled = FilledAccount.at(HERE);
        String exported = export(HERE, of(filled.customer));
        String path = "/api/v1" + of(filled.customer) + "/import";
        run(HERE, of(filled.customer), "diff", exported);
        run(HERE, of(filled.customer), "dry_run", exported);
        run(HERE, of(filled.customer), "apply", exported.replace("\"name\":\"k\"", "\"name\":\"other\""));

        // The end of an import is recorded when its reply is written.
        JsonNode audit = await().until(
                () -> HERE.operate("GET", "/api/v1/audit?target=" + path, "").json().required("changes"),
                changes -> !changes.get(0).required("outcome").stringValue().equals("unknown"));

        assertThat(audit.size()).as(audit.toString()).isEqualTo(1);
        assertThat(audit.get(0).toString()).contains("\"changed\":2", "\"mode\":\"apply\"", "api-key")
                .doesNotContain("sealed", "proof");
    }

    @Test
    void isForAdministratorsAlone() {
        FilledAccount filled = FilledAccount.at(HERE);
        String exported = export(HERE, of(filled.customer));
        String password = "correct horse battery";
        for (String role : List.of("viewer", "editor", "admin")) {
            HERE.operate("POST", "/api/v1/operators", "{\"name\":\"transfer-" + role + "\",\"role\":\"" + role
                    + "\",\"password\":\"" + password + "\"}");
            String basic = "Authorization: Basic " + Base64.getEncoder()
                    .encodeToString(("transfer-" + role + ":" + password).getBytes(StandardCharsets.UTF_8));
            for (String scope : List.of("", of(filled.customer))) {
                int expected = role.equals("admin") ? 200 : 403;
                assertThat(
                        RawHttp.call(HERE.managementPort(), "GET", "/api/v1" + scope + "/export", "", basic).status())
                        .as(role).isEqualTo(expected);
                assertThat(RawHttp.call(HERE.managementPort(), "POST", "/api/v1" + scope + "/import?mode=diff",
                        exported, basic).status()).as(role).isEqualTo(expected);
            }
        }
        String own = "Authorization: Bearer " + filled.customer.masterKey();
        assertThat(RawHttp.call(HERE.managementPort(), "GET", "/api/v1" + of(filled.customer) + "/export", "", own)
                .status()).isEqualTo(403);
        for (String scope : List.of("", of(filled.receiver))) {
            assertThat(RawHttp.call(HERE.managementPort(), "GET", "/api/v1" + scope + "/export", "", own).status())
                    .isEqualTo(404);
            assertThat(RawHttp.call(HERE.managementPort(), "POST", "/api/v1" + scope + "/import?mode=apply", exported,
                    own).status()).isEqualTo(404);
        }
    }
}
