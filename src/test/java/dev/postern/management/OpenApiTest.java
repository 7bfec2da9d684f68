package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.management.contract.Operation;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The OpenAPI document has every call, and says what the gate does. {@code docs/reference/openapi.json} is a copy of
 * it; run with {@code -Ddocuments.write=true}, this test writes it.
 */
@UsesSharedGate
class OpenApiTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final Path COPY = Path.of("docs/reference/openapi.json");
    private static final JsonNode DOCUMENT = GATE.operate("GET", "/v3/api-docs", "").json();

    @Test
    void isInTheReferenceAsItIs() throws IOException {
        Reply reply = GATE.operate("GET", "/v3/api-docs", "");
        if (Boolean.getBoolean("documents.write")) {
            Files.writeString(COPY, reply.text());
        }

        assertThat(reply.header("Content-Type")).startsWith("application/json");
        assertThat(Files.readString(COPY))
                .as("%s is out of date; mvn test -Dtest=OpenApiTest -Ddocuments.write=true writes it", COPY)
                .isEqualTo(reply.text());
    }

    @Test
    void isForTheOperatorAlone() {
        assertThat(RawHttp.call(GATE.managementPort(), "GET", "/v3/api-docs", "").status()).isEqualTo(401);
        assertThat(RawHttp.call(GATE.port(), "GET", "/v3/api-docs", "",
                "Authorization: Bearer " + TestGate.OPERATOR_TOKEN).reason()).isEqualTo("operation_unknown");
    }

    @Test
    void isValidOpenApi31() {
        ParseOptions options = new ParseOptions();
        options.setResolve(true);
        SwaggerParseResult parsed = new OpenAPIV3Parser().readContents(DOCUMENT.toString(), List.of(), options);

        assertThat(parsed.getMessages()).isEmpty();
        assertThat(parsed.isOpenapi31()).isTrue();
        assertThat(parsed.getOpenAPI().getPaths()).hasSameSizeAs(DOCUMENT.required("paths").propertyNames());
        assertThat(parsed.getOpenAPI().getComponents().getSchemas().keySet())
                .contains("Account", "Device", "License", "Problem", "Receipt", "Rule", "StaticToken");
    }

    @Test
    void hasEveryRouteOfTheManagementPort() {
        List<String> routes = Operations.routes(GATE);
        List<String> documented = new ArrayList<>();
        DOCUMENT.required("paths").propertyStream().forEach(path -> path.getValue().propertyNames()
                .forEach(method -> documented.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));

        assertThat(documented).containsExactlyInAnyOrderElementsOf(routes).hasSizeGreaterThan(50);
    }

    private static JsonNode declared(String method, String path) {
        return DOCUMENT.required("paths").required(path).required(method.toLowerCase(Locale.ROOT));
    }

    /** Calls an operation, and compares the reply with what the document says about it. */
    private static Reply call(Operation operation, Map<String, String> variables, String query, String body) {
        String target = operation.path();
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            target = target.replace("{" + variable.getKey() + "}", variable.getValue());
        }
        Reply reply = GATE.operate(operation.method().name(), target + query, body);
        JsonNode declared = resolved(declared(operation.method().name(), operation.path()).required("responses")
                .path(Integer.toString(reply.status())));
        assertThat(declared.isMissingNode()).as("%s may be answered with %s", operation, reply.status()).isFalse();
        declared.path("headers").propertyNames().stream()
                .filter(header -> List.of("ETag", "Location", "WWW-Authenticate", "Retry-After").contains(header))
                .forEach(header -> assertThat(reply.header(header)).as("%s: %s", operation, header).isNotEmpty());
        if (reply.body().length > 0) {
            String type = reply.header("Content-Type").replaceFirst(";.*", "");
            List<JsonNode> shown = type.equals("application/x-ndjson")
                    ? reply.text().lines().map(JsonMapper.shared()::readTree).toList()
                    : List.of(reply.json());
            for (JsonNode json : shown) {
                assertThat(new JsonSchema(DOCUMENT).complaints(
                        declared.required("content").required(type).required("schema"), json))
                        .as("%s: %s", operation, json).isEmpty();
            }
        }
        return reply;
    }

    private static JsonNode resolved(JsonNode part) {
        return part.has("$ref") ? DOCUMENT.at(part.required("$ref").stringValue().substring(1)) : part;
    }

    private static Operation operation(String id) {
        return Operations.of(GATE).stream().filter(operation -> operation.id().equals(id)).findFirst().orElseThrow();
    }

    private static Reply make(Map<String, String> variables, String id, String body) {
        Reply reply = call(operation(id), variables, "?receipt=true", body);
        assertThat(reply.status()).as("%s: %s", id, reply.text()).isBetween(200, 201);
        return reply;
    }

    @Test
    void saysWhatIsAnswered() {
        Customer receiver = GATE.newCustomer();
        Map<String, String> in = new TreeMap<>(Map.of("receiver", receiver.account()));
        String account = "documented-" + receiver.account();
        in.put("change", make(in, "createAccount", "{\"id\":\"" + account + "\",\"name\":\"n\"}").json()
                .required("receipt").required("change").stringValue());
        in.put("account", account);
        make(in, "addDevice", "{\"id\":\"lamp-" + account + "\",\"title\":\"n\"}");
        in.put("device", "lamp-" + account);
        make(in, "shareDevice", "{\"account\":\"" + receiver.account() + "\"}");
        make(in, "importDevices", "{\"id\":\"car-" + account + "\",\"title\":\"n\"}\n{}\n");
        make(in, "changeLicense", "{\"plan\":\"paid\",\"seats\":1}");
        make(in, "moveSeat", "{\"from\":\"lamp-" + account + "\",\"to\":\"car-" + account + "\"}");
        make(in, "changeLicense", "{\"plan\":\"free\"}");
        Map<String, String> ids = new TreeMap<>();
        ids.put("/projects", id(make(in, "createProject", "{\"name\":\"n\",\"devices\":[\"lamp\"]}")));
        ids.put("/users", id(make(in, "createUser", "{\"id\":\"alice\",\"name\":\"n\",\"devices\":[]}")));
        String rules = ",\"rules\":[{\"apis\":[\"devices\"],\"actions\":[\"get\"],\"users\":[\"alice\"],"
                + "\"streams\":[\"gps\"]},{\"actions\":[\"put\"],\"devices\":\"all\"}]}";
        ids.put("/static-tokens", id(make(in, "createStaticToken",
                "{\"name\":\"s" + account + "\",\"token\":\"t" + account.hashCode() + "abc\"" + rules)));
        ids.put("/applications", id(make(in, "createApplication", "{\"name\":\"n\",\"kind\":\"hardware\"" + rules)));
        ids.put("/rsa-tokens", id(make(in, "createRsaToken",
                "{\"name\":\"r" + account + "\",\"apis\":[\"devices\"],\"projects\":[\"" + ids.get("/projects")
                        + "\"]}")));
        ids.put("/jwt-tokens", id(make(in, "createJwtToken",
                "{\"name\":\"j" + account + "\",\"apis\":[\"devices\"],\"users\":[\"alice\"]}")));
        ids.put("/api-keys", id(make(in, "createApiKey", "{\"name\":\"k\",\"expires_at\":\"2999-01-01\","
                + "\"allowed_networks\":[\"::1\"],\"permissions\":[{\"actions\":[\"get\"],\"resources\":"
                + "[{\"device\":\"lamp\",\"stream\":\"gps\"}]}]}")));
        make(in, "blockSubject", "{\"issuer\":\"test\",\"subject\":\"alice\"}");
        ids.put("/license/extensions", id(make(in, "requestExtension", "{\"note\":\"n\"}")));
        in.put("id", ids.get("/applications"));
        make(in, "createAuthcodes", "{\"count\":2,\"terminals\":3,\"valid_days\":4}");
        make(in, "replaceApplicationSecret", "");
        make(in, "replaceMasterKey", "");
        make(in, "createOperator",
                "{\"name\":\"documented\",\"role\":\"viewer\",\"password\":\"correct horse battery\"}");
        in.put("name", "documented");

        Reply imported = call(operation("importAccount"), in, "?mode=sync&receipt=true",
                "{\"kind\":\"header\",\"format\":\"postern\",\"version\":1,\"account\":\"" + account
                        + "\"}\n{\"kind\":\"user\",\"account\":\"" + account
                        + "\",\"id\":\"bob\",\"name\":\"n\",\"devices\":[]}\n{}\n");
        assertThat(imported.status()).as(imported.text()).isEqualTo(200);

        for (Operation operation : Operations.of(GATE)) {
            if (operation.reads()) {
                in.put("id", idFor(operation, ids));
                String query = operation.id().equals("checkTokenName") ? "?name=n" : "";
                Reply reply = call(operation, in, query, "");
                assertThat(reply.status()).as("%s: %s", operation, reply.text()).isEqualTo(200);
            }
        }
        replaceEach(in, ids, rules);
        for (String kind : List.of("ApiKey", "StaticToken", "Application", "JwtToken")) {
            in.put("id", idFor(operation("rotate" + kind), ids));
            if (kind.equals("Application")) {
                // It has an old secret already.
                make(in, "endRotationOf" + kind, "");
            }
            make(in, "rotate" + kind, "{\"overlap\":\"PT1H\"}");
            assertThat(call(operation("rotate" + kind), in, "", "").status()).isEqualTo(409);
            assertThat(call(operation("get" + kind), in, "", "").json().required("rotation").isObject()).isTrue();
            make(in, "endRotationOf" + kind, "{\"revoke\":\"new\"}");
        }
        refuseEach(in, ids);
    }

    private static String id(Reply reply) {
        return reply.json().required("id").stringValue();
    }

    private static String idFor(Operation operation, Map<String, String> ids) {
        return ids.entrySet().stream().filter(id -> operation.path().contains(id.getKey() + "/{id}"))
                .map(Map.Entry::getValue).findFirst().orElse("none");
    }

    private static void replaceEach(Map<String, String> in, Map<String, String> ids, String rules) {
        Map<String, String> bodies = new TreeMap<>(
                Map.of("replaceProject", "{\"name\":\"n\",\"devices\":[]}", "replaceUser",
                        "{\"name\":\"n\",\"devices\":[]}", "replaceApiKey",
                        "{\"name\":\"l\",\"permissions\":[]}", "replaceStaticToken",
                        "{\"name\":\"s" + in.get("account") + "\"" + rules,
                        "replaceApplication", "{\"name\":\"m\",\"enabled\":false" + rules, "replaceRsaToken",
                        "{\"name\":\"r" + in.get("account") + "\",\"apis\":[],\"projects\":[]}", "replaceJwtToken",
                        "{\"name\":\"j" + in.get("account") + "\",\"apis\":[],\"users\":[]}", "decideExtension",
                        "{\"state\":\"approved\"}", "replaceOperator", "{\"role\":\"editor\"}"));
        bodies.put("changePassword", "{\"password\":\"battery horse correct\"}");
        bodies.forEach((id, body) -> {
            in.put("id", idFor(operation(id), ids));
            make(in, id, body);
        });
    }

    /** Problems and deletions are described, too. */
    private static void refuseEach(Map<String, String> in, Map<String, String> ids) {
        for (Operation operation : Operations.of(GATE)) {
            in.put("id", idFor(operation, ids));
            assertThat(call(operation, in, "?colour=red", "{").status()).isEqualTo(400);
            Reply unknown = call(operation, Map.of("account", "none", "id", "none", "device", "none", "receiver",
                    "none", "authcode", "none", "name", "none", "change", "none"), "", "[]");
            assertThat(unknown.status()).as("%s", operation).isIn(200, 400, 404);
        }
        List<String> deletions = Operations.of(GATE).stream().map(Operation::id)
                .filter(id -> id.startsWith("delete") || (id.startsWith("end") && !id.startsWith("endRotation")))
                .filter(id -> !id.equals("deleteAuthcode"))
                .sorted((a, b) -> Boolean.compare(a.equals("deleteAccount"), b.equals("deleteAccount"))).toList();
        for (String id : deletions) {
            in.put("id", idFor(operation(id), ids));
            Reply reply = call(operation(id), in, id.length() % 2 == 0 ? "" : "?receipt=true", "");
            assertThat(reply.status()).as("%s: %s", id, reply.text()).isIn(200, 204, 404);
        }
    }

    @Test
    void saysWhichMembersAreTakenAndNothingElseIs() {
        Customer customer = GATE.newCustomer();
        customer.make("/devices", "{\"id\":\"bulb\",\"title\":\"n\"}");
        for (Operation operation : Operations.of(GATE)) {
            JsonNode body = declared(operation.method().name(), operation.path()).path("requestBody");
            if (body.has("content") && body.required("content").has("application/json")) {
                JsonNode schema = body.required("content").required("application/json").required("schema");
                assertThat(schema.required("additionalProperties").booleanValue()).isFalse();
                Reply reply = GATE.operate(operation.method().name(), operation.path()
                        .replace("{account}", customer.account()).replace("{device}", "bulb")
                        .replaceAll("\\{(id|name)}", "1"),
                        "{\"colour\":\"red\"}");
                assertThat(reply.json().required("detail").stringValue()).as("%s", operation).isEqualTo(
                        "The body has an unknown member; allowed are "
                                + String.join(", ", schema.required("properties").propertyNames()) + ".");
            }
        }
    }
}
