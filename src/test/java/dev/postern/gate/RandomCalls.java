package dev.postern.gate;

import com.nimbusds.jose.JWSAlgorithm;
import dev.postern.support.ClientTokens;
import dev.postern.support.LimitableKind;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestIssuer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Random calls to a gate, with credentials of all kinds, good and bad. */
final class RandomCalls {
    private static final List<String> METHODS = List.of("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "get",
            "TRACE");
    private static final List<String> DEVICES = List.of("lamp-1", "lamp-1", "lamp-2", "lamp-3", "lamp-4", "lamp-5",
            "theirs", "shared", "nobody's", "39593230");
    private static final List<String> STREAMS = List.of("temp", "temp", "light", "gps", "..");
    /** Most calls have a method that their path supports; bodies are sent with those that take one. */
    private static final List<String> TARGETS = List.of("GET /devices", "POST /devices", "GET /devices/{d}",
            "GET /devices/{d}", "PUT /devices/{d}", "DELETE /devices/{d}", "GET /devices/{d}?x=%zz",
            "GET /devices/status?devIds={d},{d}", "GET /devices/datapoints?devIds={d}", "GET /devices/{d}/datastreams",
            "GET /devices/{d}/datastreams?datastream_ids={s},{s}", "POST /devices/{d}/datastreams",
            "POST /devices/{d}/datastreams", "GET /devices/{d}/datastreams/{s}", "PUT /devices/{d}/datastreams/{s}",
            "GET /devices/{d}/datapoints?datastream_id={s}", "DELETE /devices/{d}/datapoints",
            "POST /devices/{d}/datapoints", "POST /devices/{d}/datapoints?type=3", "POST /cmds?device_id={d}",
            "GET /cmds/1", "GET /cmds/history/{d}", "GET /triggers", "GET /logs/{d}",
            "POST /bindata?device_id={d}&datastream_id={s}", "GET /bindata/39593230_1503_1", "POST /batch",
            "POST /batch", "POST /batch", "POST /checked?device_id={d}", "POST /checked?device_id={d}",
            "GET /by-header", "GET /nowhere/{d}", "POST /register_de", "GET //devices//{d}/", "GET /devices/%2e%2e",
            "GET /devices/a%2Fb", "GET /devices/{d};v=1", "GET /devices/{d}#x", "GET /devices?q=温度",
            "GET /devices/温度", "GET http://gate.test/devices/{d}", "GET /keys", "GET /unknown",
            "GET /devices/{d}?%41=1", "GET /devices/{d}?method=delete", "GET /DEVICES/{d}", "GET *",
            "GET /devices/{d}?a=<b>|\"c\"");
    private static final List<String> BODIES = List.of("", "{}", "{\"id\":\"{s}\"}",
            "{\"targets\":[{\"device\":\"{d}\"}]}",
            "{\"targets\":[{\"device\":\"{d}\"},{\"device\":\"{d}\"}]}", "{\"targets\":",
            "{\"id\":\"{s}\",\"id\":\"x\"}",
            "{\"datastreams\":[{\"id\":\"{s}\",\"datapoints\":[{\"value\":1}]},{\"id\":\"{s}\"}]}", "{\"{s}\":1}",
            "device_id={d}", "{\"device_id\":\"{d}\"}", "[]", "温度");
    private static final List<String> TYPES = List.of("", "application/json", "application/json",
            "application/x-www-form-urlencoded", "application/octet-stream", "multipart/form-data; boundary=x",
            "application/json; charset=utf-16", "application/json, text/plain");
    private static final int MAX_READ = 64 * 1024;

    private final Random random;
    private final TestGate gate;
    private final TestIssuer issuer;
    private final Customer customer;
    private final Customer other;
    private final List<String> credentials = new ArrayList<>();
    private final JsonNode rsaFile;
    /** How many credentials at the beginning of the list are good ones. */
    private int working;
    /** The credentials that the management API can change: the path of each, and its JSON members. */
    private final Map<String, String> changeable = new TreeMap<>();

    /** A call. Its credential is in {@code presented}, not in the headers. */
    record Call(String method, String target, Map<String, List<String>> headers, String body, List<String> presented) {}

    RandomCalls(long seed, TestGate gate, TestIssuer issuer) {
        this.random = new Random(seed);
        this.gate = gate;
        this.issuer = issuer;
        this.customer = LimitableKind.newCustomer(gate);
        this.other = LimitableKind.newCustomer(gate);
        for (String device : List.of("lamp-1", "lamp-2", "lamp-3", "lamp-4")) {
            customer.make("/devices", "{\"id\":\"" + device + "\",\"title\":\"n\"}");
        }
        for (String device : List.of("theirs", "shared", "more")) {
            other.make("/devices", "{\"id\":\"" + device + "\",\"title\":\"n\"}");
        }
        other.make("/devices/shared/shares", "{\"account\":\"" + customer.account() + "\"}");
        customer.make("/projects", "{\"id\":\"q\",\"name\":\"Q\",\"devices\":[\"lamp-1\",\"lamp-2\",\"theirs\"]}");
        customer.make("/users", "{\"id\":\"v\",\"name\":\"V\",\"devices\":[\"lamp-1\",\"lamp-3\"]}");
        this.rsaFile = makeCredentials();
        makeBadOnes();
    }

    private static final List<String> RULES = List.of("[]", "[{\"actions\":[\"get\",\"put\"],\"devices\":\"all\"}]",
            "[{\"actions\":[\"get\",\"put\",\"post\",\"delete\"],\"devices\":\"all\"}]",
            "[{\"apis\":[\"devices\",\"datastreams\",\"body\"],\"actions\":[\"get\",\"post\"],\"devices\":[\"lamp-1\",\"lamp-2\"]}]",
            "[{\"actions\":[\"get\",\"post\",\"put\"],\"devices\":[\"lamp-1\",\"lamp-4\",\"nobody\"],\"streams\":[\"temp\"]}]",
            "[{\"actions\":[\"get\",\"delete\",\"post\"],\"projects\":[\"q\"]},{\"actions\":[\"put\"],\"users\":[\"v\"]}]");

    private static final List<String> LIMITS = List.of("", "", ",\"expires_at\":\"2999-01-01\"",
            ",\"allowed_networks\":[\"127.0.0.0/8\",\"10.0.0.0/8\"]", ",\"allowed_networks\":[\"10.1.0.0/16\"]");

    private JsonNode makeCredentials() {
        credentials.add(customer.masterKey());
        credentials.add(other.masterKey());
        int number = 0;
        for (String rules : RULES) {
            String members = "\"name\":\"s" + number + " of " + customer.account() + "\",\"rules\":" + rules
                    + LIMITS.get(number % LIMITS.size());
            JsonNode token = customer.make("/static-tokens", "{" + members + "}");
            credentials.add(token.required("token").stringValue());
            changeable.put("/static-tokens/" + token.required("id").stringValue(), members);
            JsonNode application = customer.make("/applications", "{\"name\":\"a" + number
                    + "\",\"kind\":\"software\",\"rules\":" + rules + LIMITS.get((number + 1) % LIMITS.size()) + "}");
            changeable.put("/applications/" + application.required("id").stringValue(), "\"name\":\"a" + number
                    + "\",\"rules\":" + rules);
            addTokens(application);
            number++;
        }
        for (String permissions : List.of("[]",
                "[{\"actions\":[\"get\",\"put\",\"delete\"],\"resources\":[{\"device\":\"lamp-1\"},{\"device\":\"lamp-3\"}]}]",
                "[{\"actions\":[\"get\",\"post\"],\"resources\":[{\"device\":\"lamp-1\",\"stream\":\"temp\"},"
                        + "{\"device\":\"lamp-2\",\"stream\":\"temp\"},{\"device\":\"lamp-5\"}]}]")) {
            String members = "\"name\":\"k\",\"permissions\":" + permissions;
            JsonNode key = customer.make("/api-keys", "{" + members + "}");
            credentials.add(key.required("key").stringValue());
            changeable.put("/api-keys/" + key.required("id").stringValue(), members);
        }
        JsonNode rsa = customer.make("/rsa-tokens", "{\"name\":\"r" + customer.account()
                + "\",\"apis\":[\"devices\",\"logs\"],\"projects\":[\"q\"]}");
        JsonNode file = customer.manage("GET", "/rsa-tokens/" + rsa.required("id").stringValue() + "/file", "").json();
        credentials.add(ClientTokens.encrypted(file, ""));
        JsonNode jwt = customer.make("/jwt-tokens", "{\"name\":\"j" + customer.account()
                + "\",\"apis\":[\"devices\",\"datapoints\"],\"users\":[\"v\",\"u\"]}");
        for (String user : List.of("v", "u", "w")) {
            credentials.add(ClientTokens.signed(jwt, ClientTokens.claims("\"sub\":\"" + user + "\"")));
        }
        credentials.add(issuer.accessToken(customer.account(), "devices:get logs", ""));
        working = credentials.size();
        addBadTokens(file, jwt);
        return file;
    }

    private void addBadTokens(JsonNode file, JsonNode jwt) {
        credentials.add(ClientTokens.encryptedAs(file, "{\"key\":\"wrong\",\"iat\":1,\"exp\":2}"));
        credentials.add(ClientTokens.signed(jwt, ClientTokens.claims("\"sub\":\"v\",\"aud\":\"elsewhere\"")));
        credentials.add(ClientTokens.signed(jwt, "{\"sub\":\"v\",\"iat\":1000,\"exp\":2000}"));
        credentials.add(ClientTokens.signed(jwt, "{\"sub\":\"v\",\"iat\":1000,\"exp\":99999999999}"));
        String good = ClientTokens.signed(jwt, ClientTokens.claims("\"sub\":\"v\""));
        int signature = good.lastIndexOf('.') + 1;
        credentials.add(good.substring(0, signature) + "AAAA" + good.substring(signature + 4));
        credentials.add(issuer.accessToken("no-such-account", "devices:get", ""));
        credentials.add(issuer.signed("at+jwt", ClientTokens.claims("\"iss\":\"" + TestIssuer.ISSUER + "\"")));
        credentials.add(issuer.signed(JWSAlgorithm.RS256, "unknown-key", ClientTokens.claims("\"sub\":\"v\"")));
    }

    private void addTokens(JsonNode application) {
        JsonNode reply = LimitableKind.requestToken(gate, application, "X-Forwarded-For: 10.1.1.1").json();
        if (reply.has("access_token")) {
            // An application without rules gets none.
            credentials.add(reply.required("access_token").stringValue());
        }
    }

    private void makeBadOnes() {
        JsonNode deleted = customer.make("/static-tokens", "{\"name\":\"d" + customer.account() + "\"}");
        customer.manage("DELETE", "/static-tokens/" + deleted.required("id").stringValue(), "");
        JsonNode expired = customer.make("/static-tokens",
                "{\"name\":\"e" + customer.account() + "\",\"expires_at\":\"2020-01-01\"}");
        JsonNode rotated = customer.make("/static-tokens", "{\"name\":\"o" + customer.account() + "\"}");
        customer.manage("POST", "/static-tokens/" + rotated.required("id").stringValue() + ":rotate",
                "{\"overlap\":\"PT0S\"}");
        credentials.addAll(List.of(deleted.required("token").stringValue(), expired.required("token").stringValue(),
                rotated.required("token").stringValue(), "unknown", "a b", "", "x".repeat(9000), "x.y.z", "a.b.c.d.e",
                "eyJhbGciOiJub25lIn0.e30.", "comma,comma", "ümlaut"));
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private String filled(String template) {
        String text = template;
        while (text.contains("{d}")) {
            text = text.replaceFirst("\\{d}", one(DEVICES));
        }
        while (text.contains("{s}")) {
            text = text.replaceFirst("\\{s}", one(STREAMS));
        }
        return text;
    }

    Call next() {
        String[] call = one(TARGETS).split(" ", 2);
        String method = random.nextInt(6) == 0 ? one(METHODS) : call[0];
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        String body = "";
        if (List.of("POST", "PUT", "PATCH", "DELETE").contains(method) && random.nextInt(4) > 0) {
            body = random.nextInt(40) == 0 ? " ".repeat(MAX_READ + random.nextInt(2)) : filled(one(BODIES));
        }
        String type = one(TYPES);
        if (!type.isEmpty()) {
            headers.put("Content-Type", List.of(type));
        }
        if (random.nextInt(30) == 0) {
            headers.put("Content-Encoding", List.of(random.nextBoolean() ? "gzip" : "identity"));
        }
        if (random.nextInt(3) == 0) {
            headers.put("X-Forwarded-For", List.of(one(List.of("10.1.2.3", "10.200.0.1", "203.0.113.7", "unknown"))));
        }
        if (random.nextInt(3) == 0) {
            headers.put("X-Device", List.of(filled(one(List.of("{d}", "{d},{d}")))));
        }
        return new Call(method, filled(call[1]), headers, body, presented());
    }

    /** Header lines; none for a call without a credential. */
    private List<String> presented() {
        String credential = random.nextInt(3) == 0 ? one(credentials) : one(credentials.subList(0, working));
        return switch (random.nextInt(40)) {
            case 0 -> List.of();
            case 1 -> List.of("api-key: " + credential, "Authorization: Bearer " + credential);
            case 2 -> List.of("Authorization: Basic " + credential);
            case 3 -> List.of("Authorization: Bearer");
            case 4, 5 -> List.of("Authorization: Bearer " + ClientTokens.encrypted(rsaFile,
                    "\"jti\":\"" + random.nextInt(6) + "\""));
            case 6, 7, 8, 9, 10, 11, 12, 13 -> List.of("Authorization: bearer " + credential);
            default -> List.of("api-key: " + credential);
        };
    }

    /** Changes a credential, or something else that decisions depend on. */
    void changeSomething() {
        String path = one(List.copyOf(changeable.keySet()));
        switch (random.nextInt(6)) {
            case 0 -> customer.manage("PUT", "/license?receipt=true", one(List.of("{\"plan\":\"paid\",\"seats\":2}",
                    "{\"plan\":\"paid\",\"seats\":4}", "{\"plan\":\"free\"}", "{\"until\":\"2999-01-01\"}",
                    "{\"enabled\":false}", "{\"enabled\":true}")));
            case 1 -> customer.manage("POST", "/devices?receipt=true", "{\"id\":\"" + one(DEVICES).replace("'", "")
                    + "\",\"title\":\"n\"}");
            case 2 -> customer.manage("PUT", "/users/v?receipt=true", "{\"name\":\"V\",\"devices\":[\""
                    + one(DEVICES).replace("'", "") + "\",\"lamp-1\"]}");
            default -> customer.manage("PUT", path + "?receipt=true", "{" + changeable.get(path) + ",\"enabled\":"
                    + (random.nextInt(4) > 0) + "}");
        }
    }

}
