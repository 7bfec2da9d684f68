package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the management calls for credentials of every kind have in common, over a real socket. */
@UsesSharedGate
class TokenManagementTest {
    private static final TestGate GATE = SharedGate.GATE;

    private final Customer customer = GATE.newCustomer();

    /** What the operator makes for an account, each with the least that it needs besides a name. */
    enum Kind {
        PROJECTS("\"devices\":[]", "\"devices\":[]"),
        USERS("\"devices\":[]", "\"devices\":[]"),
        STATIC_TOKENS("\"rules\":[]", "\"rules\":[]"),
        APPLICATIONS("\"kind\":\"software\"", "\"rules\":[]"),
        RSA_TOKENS("\"apis\":[],\"projects\":[]", "\"apis\":[],\"projects\":[]"),
        JWT_TOKENS("\"apis\":[],\"users\":[]", "\"apis\":[],\"users\":[]");

        private final String toMake;
        private final String toReplace;

        Kind(String toMake, String toReplace) {
            this.toMake = toMake;
            this.toReplace = toReplace;
        }

        String plural() {
            return name().toLowerCase(Locale.ROOT);
        }

        String path() {
            return "/" + plural().replace('_', '-');
        }

        String toMake(String name) {
            return "{\"name\":\"" + name + "\"," + toMake + "}";
        }

        String toReplace(String name) {
            return "{\"name\":\"" + name + "\"," + toReplace + "}";
        }

        boolean canBeSwitchedOff() {
            return this != PROJECTS && this != USERS;
        }
    }

    private static String make(Customer whose, Kind kind, String name) {
        return whose.make(kind.path(), kind.toMake(name)).required("id").stringValue();
    }

    /** A name that no other test has: those of tokens are unique. */
    private String own(String name) {
        return name + " " + customer.account();
    }

    @ParameterizedTest
    @EnumSource
    void createsShowsReplacesAndDeletes(Kind kind) {
        Reply made = customer.manage("POST", kind.path(), kind.toMake(own("Küche")));

        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(made.header("Cache-Control")).contains("no-store");
        String place = kind.path() + "/" + made.json().required("id").stringValue();
        assertThat(made.header("Location")).isEqualTo("/api/v1/accounts/" + customer.account() + place);
        assertThat(customer.manage("GET", place, "").json().required("name").stringValue()).isEqualTo(own("Küche"));

        Reply replaced = customer.manage("PUT", place, kind.toReplace(own("Bad")));
        assertThat(replaced.status()).as(replaced.text()).isEqualTo(200);
        assertThat(customer.manage("GET", place, "").json().required("name").stringValue()).isEqualTo(own("Bad"));

        assertThat(customer.manage("DELETE", place, "").status()).isEqualTo(204);
        for (Reply gone : List.of(customer.manage("GET", place, ""), customer.manage("DELETE", place, ""),
                customer.manage("PUT", place, kind.toReplace(own("Bad"))))) {
            assertThat(gone.status()).isEqualTo(404);
            assertThat(gone.reason()).isEqualTo("not_found");
        }
        assertThat(list(kind, "").required("total_count").intValue()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void disablesAndEnables(Kind kind) {
        if (!kind.canBeSwitchedOff()) {
            return;
        }
        String place = kind.path() + "/" + make(customer, kind, own("lamp"));
        String body = kind.toReplace(own("lamp"));
        assertThat(customer.manage("GET", place, "").json().required("enabled").booleanValue()).isTrue();

        Reply off = customer.manage("PUT", place, body.replaceFirst("}$", ",\"enabled\":false}"));
        assertThat(off.json().required("enabled").booleanValue()).isFalse();
        assertThat(customer.manage("GET", place, "").json().required("enabled").booleanValue()).isFalse();

        Reply on = customer.manage("PUT", place, body);
        assertThat(on.json().required("enabled").booleanValue()).as("what is left out is true").isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void listsInPagesAndBySimilarNamesBestFirst(Kind kind) {
        String[] names = {"minikitchen", "kitchne", "the kitchen", "garage", "kitchen"};
        for (String name : names) {
            make(customer, kind, own(name));
        }

        assertThat(namesOf(list(kind, ""), kind)).hasSize(5);
        assertThat(namesOf(list(kind, "?name=Kitchen"), kind)).containsExactly(own("kitchen"), own("the kitchen"),
                own("minikitchen"), own("kitchne"));
        assertThat(namesOf(list(kind, "?name=garaeg"), kind)).as("two neighbours swapped")
                .containsExactly(own("garage"));
        assertThat(namesOf(list(kind, "?name=cellar"), kind)).isEmpty();
        assertThat(namesOf(list(kind, "?name=the+kitchen"), kind)).first().isEqualTo(own("the kitchen"));

        JsonNode page = list(kind, "?name=kitchen&page=2&per_page=3");
        assertThat(page.required("total_count").intValue()).isEqualTo(4);
        assertThat(page.required("page").intValue()).isEqualTo(2);
        assertThat(page.required("per_page").intValue()).isEqualTo(3);
        assertThat(namesOf(page, kind)).containsExactly(own("kitchne"));
    }

    @ParameterizedTest
    @EnumSource
    void hidesTokensOfOtherAccounts(Kind kind) {
        Customer other = GATE.newCustomer();
        String id = kind.path() + "/" + make(other, kind, own("lamp"));
        String before = other.manage("GET", id, "").text();

        List<Reply> replies = new ArrayList<>(List.of(customer.manage("GET", id, ""),
                customer.manage("PUT", id, kind.toReplace(own("door"))), customer.manage("DELETE", id, "")));
        switch (kind) {
            case APPLICATIONS -> {
                replies.add(customer.manage("POST", id + "/secret", ""));
                replies.add(customer.manage("GET", id + "/authcodes", ""));
                replies.add(customer.manage("POST", id + "/authcodes", "{\"count\":1,\"terminals\":1}"));
                replies.add(customer.manage("DELETE", id + "/authcodes/x", ""));
            }
            case RSA_TOKENS -> replies.add(customer.manage("GET", id + "/file", ""));
            case PROJECTS, USERS, STATIC_TOKENS, JWT_TOKENS -> {
            }
        }

        assertThat(replies).allSatisfy(reply -> {
            assertThat(reply.status()).as(reply.text()).isEqualTo(404);
            assertThat(reply.reason()).isEqualTo("not_found");
        });
        assertThat(namesOf(list(kind, ""), kind)).isEmpty();
        assertThat(other.manage("GET", id, "").text()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void findsNothingForAMissingAccount(Kind kind) {
        for (String account : List.of("nobody", "a%20b", "..%2fx")) {
            String place = "/api/v1/accounts/" + account + kind.path();
            assertThat(List.of(GATE.operate("GET", place, ""), GATE.operate("POST", place, kind.toMake(own("lamp"))),
                    GATE.operate("GET", place + "/x", ""), GATE.operate("PUT", place + "/x", kind.toReplace(own("x"))),
                    GATE.operate("DELETE", place + "/x", ""))).allSatisfy(reply -> {
                        assertThat(reply.status()).as(account + " " + reply.text()).isEqualTo(404);
                        assertThat(reply.reason()).isEqualTo("not_found");
                    });
        }
    }

    @ParameterizedTest
    @EnumSource
    void findsNothingForAnInvalidId(Kind kind) {
        for (String id : List.of("a%20b", "%C3%A4", "x".repeat(129), "%2e%2e", "a%2fb")) {
            Reply reply = customer.manage("GET", kind.path() + "/" + id, "");
            assertThat(reply.status()).as(id).isEqualTo(404);
            assertThat(reply.reason()).isEqualTo("not_found");
        }
    }

    @ParameterizedTest
    @EnumSource
    void isForTheOperatorAndTheAccountOnly(Kind kind) {
        String path = "/api/v1/accounts/" + customer.account() + kind.path();
        assertThat(RawHttp.call(GATE.managementPort(), "GET", path, "").reason()).isEqualTo("operator_token_missing");
        for (String token : List.of("an-operator-token-that-was-replaced", "")) {
            Reply reply = RawHttp.call(GATE.managementPort(), "POST", path, kind.toMake(own("lamp")),
                    "Authorization: Bearer " + token);
            assertThat(reply.status()).isEqualTo(401);
            assertThat(reply.reason()).isEqualTo("operator_token_wrong");
        }
        assertThat(RawHttp.call(GATE.managementPort(), "POST", path, kind.toMake(own("lamp")),
                "Authorization: Bearer " + GATE.newCustomer().masterKey()).status()).isEqualTo(404);
        assertThat(list(kind, "").required("total_count").intValue()).isZero();
        assertThat(RawHttp.call(GATE.managementPort(), "POST", path, kind.toMake(own("lamp")),
                "Authorization: Bearer " + customer.masterKey()).status()).isEqualTo(201);
        assertThat(list(kind, "").required("total_count").intValue()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"STATIC_TOKENS", "RSA_TOKENS", "JWT_TOKENS"})
    void keepsNamesUniqueAcrossAccounts(Kind kind) {
        String holder = make(customer, Kind.STATIC_TOKENS, own("lamp"));
        Customer other = GATE.newCustomer();

        Reply taken = other.manage("POST", kind.path(), kind.toMake(own("lamp")));

        assertThat(taken.status()).isEqualTo(409);
        assertThat(taken.reason()).isEqualTo("already_exists");
        assertThat(taken.json().required("detail").stringValue()).contains(holder, customer.account(), own("lamp"));
        make(other, kind, own("LAMP"));
        assertThat(other.manage("GET", kind.path(), "").json().required("total_count").intValue()).isEqualTo(1);
    }

    @Test
    void movesANameByRenamingAndFreesItByDeleting() {
        String place = Kind.STATIC_TOKENS.path() + "/" + make(customer, Kind.STATIC_TOKENS, own("lamp"));
        String jwt = Kind.JWT_TOKENS.path() + "/" + make(customer, Kind.JWT_TOKENS, own("fan"));

        Reply taken = customer.manage("PUT", jwt, Kind.JWT_TOKENS.toReplace(own("lamp")));
        assertThat(taken.reason()).isEqualTo("already_exists");
        assertThat(customer.manage("GET", jwt, "").json().required("name").stringValue()).isEqualTo(own("fan"));

        assertThat(customer.manage("PUT", place, Kind.STATIC_TOKENS.toReplace(own("door"))).status()).isEqualTo(200);
        assertThat(customer.manage("PUT", jwt, Kind.JWT_TOKENS.toReplace(own("lamp"))).status()).isEqualTo(200);
        make(customer, Kind.RSA_TOKENS, own("fan"));
        assertThat(customer.manage("POST", Kind.RSA_TOKENS.path(), Kind.RSA_TOKENS.toMake(own("door"))).reason())
                .isEqualTo("already_exists");

        assertThat(customer.manage("DELETE", place, "").status()).isEqualTo(204);
        make(customer, Kind.RSA_TOKENS, own("door"));
    }

    @Test
    void deletesEverythingWithTheAccount() {
        String token = customer.make("/static-tokens", "{\"name\":\"" + own("STATIC_TOKENS") + "\"}")
                .required("token").stringValue();
        for (Kind kind : List.of(Kind.PROJECTS, Kind.USERS, Kind.APPLICATIONS, Kind.RSA_TOKENS, Kind.JWT_TOKENS)) {
            make(customer, kind, own(kind.name()));
        }
        assertThat(GATE.call(token, "GET", "/devices").status()).isEqualTo(200);

        assertThat(GATE.operate("DELETE", "/api/v1/accounts/" + customer.account(), "").status()).isEqualTo(204);

        assertThat(GATE.call(token, "GET", "/devices").reason()).isEqualTo("credential_invalid");
        assertThat(GATE.operate("POST", "/api/v1/accounts",
                "{\"id\":\"" + customer.account() + "\",\"name\":\"made anew\"}").status()).isEqualTo(201);
        for (Kind kind : Kind.values()) {
            assertThat(list(kind, "").required("total_count").intValue()).as(kind.name()).isZero();
            make(customer, kind, own(kind.name()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesBadNamesAndChangesNothing(Kind kind) {
        String place = kind.path() + "/" + make(customer, kind, own("lamp"));
        String before = everything();

        for (Map.Entry<String, String> bad : Map.of("{", "JSON", "[]", "JSON object", "", "JSON",
                kind.toMake(own("a")).replaceFirst("\\{", "{\"name\":\"twice\","), "JSON",
                kind.toMake(own("a")).replaceFirst("}$", ",\"nmae\":1}"), "unknown member",
                kind.toMake(" "), "name", kind.toMake("x".repeat(129)), "name", kind.toMake("a\\u0007b"), "name",
                kind.toMake("a\\ud800b"), "name", kind.toMake(own("a")).replaceFirst("\"name\":\"[^\"]*\"",
                        "\"name\":5"),
                "name").entrySet()) {
            assertRefused(customer.manage("POST", kind.path(), bad.getKey()), bad.getValue());
        }
        for (Map.Entry<String, String> bad : Map.of("{\"name\":null}", "name", "{}", "name",
                "{\"name\":\"" + own("b") + "\"}", "is missing",
                kind.toReplace(own("b")).replaceFirst("}$", ",\"id\":\"x\"}"), "unknown member").entrySet()) {
            assertRefused(customer.manage("PUT", place, bad.getKey()), bad.getValue());
        }
        if (kind.canBeSwitchedOff()) {
            assertRefused(customer.manage("PUT", place,
                    kind.toReplace(own("b")).replaceFirst("}$", ",\"enabled\":\"yes\"}")), "enabled");
            assertRefused(customer.manage("PUT", place,
                    kind.toReplace(own("b")).replaceFirst("}$", ",\"enabled\":null}")), "enabled");
        }
        assertThat(everything()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?page=0", "?page=x", "?per_page=101", "?page=1&page=2", "?name=a&name=b",
            "?name=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"})
    void refusesInvalidLists(String query) {
        for (Kind kind : Kind.values()) {
            Reply reply = customer.manage("GET", kind.path() + query, "");
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.reason()).isEqualTo("field_invalid");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "/projects | {\"name\":\"n\",\"devices\":[\"a\",\"b c\"]} | devices[1]",
            "/projects | {\"name\":\"n\",\"devices\":\"all\"} | devices is not a list",
            "/projects | {\"name\":\"n\",\"devices\":[5]} | devices[0]",
            "/projects | {\"id\":\"a/b\",\"name\":\"n\",\"devices\":[]} | id",
            "/users | {\"id\":null,\"name\":\"n\",\"devices\":[]} | id",
            "/users | {\"id\":\"..\",\"name\":\"n\",\"devices\":[]} | id",
            "/static-tokens | {\"name\":\"n\",\"rules\":null} | rules",
            "/static-tokens | {\"name\":\"n\",\"rules\":{}} | rules",
            "/static-tokens | {\"name\":\"n\",\"rules\":[{\"actions\":[\"fly\"],\"devices\":\"all\"}]} | rules[0].actions[0]",
            "/static-tokens | {\"name\":\"n\",\"rules\":[{\"actions\":[],\"devices\":[]},{\"actions\":[],\"devices\":[],\"apis\":[\"devices\",\"nope\"]}]} | rules[1].apis[1] is not an API of the catalogue",
            "/static-tokens | {\"name\":\"n\",\"rules\":[{\"actions\":[],\"projects\":[\"gone\"]}]} | rules[0].projects[0], project gone",
            "/static-tokens | {\"name\":\"n\",\"rules\":[{\"actions\":[],\"users\":[\"gone\"]}]} | rules[0].users[0], user gone",
            "/static-tokens | {\"name\":\"n\",\"token\":\"\"} | token must have 8 to 512 characters",
            "/static-tokens | {\"name\":\"n\",\"token\":\"API_201\"} | token must have 8 to 512 characters",
            "/static-tokens | {\"name\":\"n\",\"token\":\"Bearer\"} | token must have 8 to 512 characters",
            "/static-tokens | {\"name\":\"n\",\"token\":\"with a blank\"} | token",
            "/static-tokens | {\"name\":\"n\",\"token\":\"a.b.c\"} | token",
            "/static-tokens | {\"name\":\"n\",\"token\":null} | token",
            "/static-tokens | {\"name\":\"n\",\"token\":5} | token",
            "/static-tokens | {\"name\":\"n\",\"enabled\":true} | unknown member",
            "/applications | {\"name\":\"n\"} | kind is missing",
            "/applications | {\"name\":\"n\",\"kind\":\"firmware\"} | kind",
            "/applications | {\"name\":\"n\",\"kind\":\"software\",\"rules\":[{}]} | rules[0]",
            "/rsa-tokens | {\"name\":\"n\",\"projects\":[]} | apis is missing",
            "/rsa-tokens | {\"name\":\"n\",\"apis\":[]} | projects is missing",
            "/rsa-tokens | {\"name\":\"n\",\"apis\":\"all\",\"projects\":[]} | apis is not a list",
            "/rsa-tokens | {\"name\":\"n\",\"apis\":[\"devices\",\"datapoints\",\"logs\",\"nope\"],\"projects\":[]} | apis[3] is not an API of the catalogue",
            "/rsa-tokens | {\"name\":\"n\",\"apis\":[],\"projects\":[\"gone\"]} | projects[0], project gone",
            "/rsa-tokens | {\"name\":\"n\",\"apis\":[],\"projects\":[null]} | projects[0]",
            "/jwt-tokens | {\"name\":\"n\",\"apis\":[]} | users is missing",
            "/jwt-tokens | {\"name\":\"n\",\"apis\":[5],\"users\":[]} | apis[0]",
            "/jwt-tokens | {\"name\":\"n\",\"apis\":[],\"users\":[\"ann\",\"bob\"]} | users[0], user ann; users[1], user bob",
            "/jwt-tokens | {\"name\":\"n\",\"apis\":[],\"users\":[],\"public_key\":\"\"} | public_key",
            "/jwt-tokens | {\"name\":\"n\",\"apis\":[],\"users\":[],\"public_key\":null} | public_key",
            "/jwt-tokens | {\"name\":\"n\",\"apis\":[],\"users\":[],\"public_key\":[]} | public_key",
            "/jwt-tokens | {\"name\":\"n\",\"apis\":[],\"users\":[],\"public_key\":{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}} | public_key"})
    void refusesBadFieldsSaysWhereAndMakesNothing(String path, String body, String where) {
        String before = everything();

        Reply reply = customer.manage("POST", path, body);

        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.reason()).isEqualTo("field_invalid");
        assertThat(reply.json().required("detail").stringValue()).contains(where).doesNotContain("c2VjcmV0")
                .doesNotContain("with a blank");
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void refusesListsThatAreTooLong() {
        String before = everything();

        for (String path : List.of("/rsa-tokens", "/jwt-tokens")) {
            String others = path.equals("/rsa-tokens") ? "projects" : "users";
            assertRefused(customer.manage("POST", path, "{\"name\":\"" + own("n") + "\",\"apis\":" + ids(10_000)
                    + ",\"" + others + "\":[]}"), "apis has 10000 entries; the maximum is 2000");
            assertRefused(customer.manage("POST", path, "{\"name\":\"" + own("n") + "\",\"apis\":[],\"" + others
                    + "\":" + ids(2001) + "}"), others + " has 2001 entries");
        }
        assertRefused(customer.manage("POST", "/rsa-tokens",
                "{\"name\":\"" + own("n") + "\",\"apis\":[],\"projects\":" + ids(101) + "}"), "maximum is 100");
        assertRefused(customer.manage("POST", "/jwt-tokens",
                "{\"name\":\"" + own("n") + "\",\"apis\":[],\"users\":" + ids(2000) + "}"), "and 1995 more");
        assertRefused(customer.manage("POST", "/static-tokens", "{\"name\":\"" + own("n")
                + "\",\"rules\":[{\"actions\":[],\"users\":" + ids(101) + "}]}"), "more than 100 projects and users");

        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void refusesABodyThatIsTooLarge() {
        Reply reply = customer.manage("POST", "/static-tokens", "{\"name\":\"" + "x".repeat(1_100_000) + "\"}");

        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.reason()).isEqualTo("body_too_large");
    }

    @Test
    void refusesABodyThatIsNotUtf8() {
        byte[] body = "{\"name\":\"x\",\"devices\":[]}".getBytes(StandardCharsets.ISO_8859_1);
        body[9] = (byte) 0xe4;

        Reply reply = RawHttp.call(GATE.managementPort(), "POST",
                "/api/v1/accounts/" + customer.account() + "/projects", body,
                "Authorization: Bearer " + TestGate.OPERATOR_TOKEN);

        assertThat(reply.reason()).isEqualTo("request_malformed");
    }

    @Test
    void listsTheApis() {
        Reply reply = GATE.operate("GET", "/api/v1/apis", "");

        assertThat(reply.status()).isEqualTo(200);
        JsonNode devices = reply.json().required("apis").valueStream()
                .filter(api -> api.required("id").stringValue().equals("devices")).findFirst().orElseThrow();
        assertThat(devices.required("name").stringValue()).isEqualTo("Devices");
        List<String> operations = new ArrayList<>();
        devices.required("operations").forEach(operation -> operations.add(operation.stringValue()));
        assertThat(operations).startsWith("GET /devices", "POST /devices", "GET /devices/{device}",
                "PUT /devices/{device}", "DELETE /devices/{device}").contains("GET /devices/status");
        assertThat(reply.text()).contains("\"id\":\"bindata\"", "GET /bindata/{device:digits}_{index}")
                .doesNotContain("127.0.0.1");
        assertThat(RawHttp.call(GATE.managementPort(), "GET", "/api/v1/apis", "").reason())
                .isEqualTo("operator_token_missing");
    }

    private static void assertRefused(Reply reply, String detail) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.reason()).isIn("field_invalid", "request_malformed");
        assertThat(reply.json().required("detail").stringValue()).contains(detail);
    }

    private static String ids(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"id-" + i + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    private JsonNode list(Kind kind, String query) {
        Reply reply = customer.manage("GET", kind.path() + query, "");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    private String everything() {
        StringBuilder all = new StringBuilder();
        for (Kind kind : Kind.values()) {
            all.append(list(kind, ""));
        }
        return all.toString();
    }

    private static List<String> namesOf(JsonNode list, Kind kind) {
        List<String> names = new ArrayList<>();
        list.required(kind.plural()).forEach(item -> names.add(item.required("name").stringValue()));
        return names;
    }
}
