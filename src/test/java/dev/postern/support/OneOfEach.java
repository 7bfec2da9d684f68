package dev.postern.support;

import dev.postern.support.TestGate.Customer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** An account with one resource of each kind, another account, and an operator of each role. */
public final class OneOfEach implements AutoCloseable {
    public static final String PASSWORD = "correct horse battery";
    public static final List<String> ROLES = List.of("viewer", "editor", "admin");

    private final TestGate gate;
    private final Customer account;
    private final Customer other;
    private final Map<String, String> variables = new LinkedHashMap<>();
    /** The IDs of resources, by the paths of their lists in the account. */
    private final Map<String, String> ids = new LinkedHashMap<>();
    private final Map<String, String> names = new LinkedHashMap<>();
    private final Set<String> secrets = new TreeSet<>();

    public OneOfEach(TestGate gate) {
        this.gate = gate;
        this.account = gate.newCustomer();
        this.other = gate.newCustomer();
        for (String role : ROLES) {
            expect(201, gate.operate("POST", "/api/v1/operators", "{\"name\":\"" + operator(role) + "\",\"role\":\""
                    + role + "\",\"password\":\"" + PASSWORD + "\"}"));
        }
        variables.put("account", account.account());
        variables.put("receiver", other.account());
        variables.put("name", operator("admin"));
        variables.put("device", "lamp-" + account.account());
        makeResources();
    }

    private void makeResources() {
        String own = account.account();
        make("/projects", "{\"id\":\"house\",\"name\":\"" + own + "\",\"devices\":[]}");
        variables.put("change", account.manage("PUT", "/projects/house?receipt=true",
                "{\"name\":\"" + own + "\",\"devices\":[]}").json().required("receipt").required("change")
                .stringValue());
        make("/users", "{\"id\":\"alice\",\"name\":\"" + own + "\",\"devices\":[]}");
        make("/devices", "{\"id\":\"lamp-" + own + "\",\"title\":\"" + own + "\"}");
        account.make("/devices/lamp-" + own + "/shares", "{\"account\":\"" + other.account() + "\"}");
        hide(make("/api-keys", "{\"name\":\"" + own + "\",\"permissions\":[]}"), "key");
        hide(make("/static-tokens", "{\"name\":\"s" + own + "\"}"), "token");
        hide(make("/applications", "{\"name\":\"" + own + "\",\"kind\":\"hardware\"}"), "app_secret");
        JsonNode authcode = account.make("/applications/" + ids.get("/applications") + "/authcodes",
                "{\"count\":1,\"terminals\":1,\"valid_days\":1}").required("authcodes").get(0);
        variables.put("authcode", authcode.required("authcode").stringValue());
        hide(authcode, "authcode");
        make("/rsa-tokens", "{\"name\":\"r" + own + "\",\"apis\":[],\"projects\":[\"house\"]}");
        hide(make("/jwt-tokens", "{\"name\":\"j" + own + "\",\"apis\":[],\"users\":[\"alice\"]}"), "secret");
        make("/blocked-subjects", "{\"issuer\":\"test\",\"subject\":\"mallory\"}");
        make("/license/extensions", "{\"note\":\"n\"}");
        secrets.add(account.masterKey());
    }

    private JsonNode make(String list, String body) {
        JsonNode made = account.make(list, body);
        ids.put(list, made.required("id").stringValue());
        names.put(list, made.path(list.equals("/devices") ? "title" : "name").asString(""));
        return made;
    }

    private void hide(JsonNode made, String member) {
        secrets.add(made.required(member).stringValue());
    }

    private static void expect(int status, RawHttp.Reply reply) {
        if (reply.status() != status) {
            throw new AssertionError(reply.text());
        }
    }

    public Customer account() {
        return account;
    }

    public Customer other() {
        return other;
    }

    /** The name of the operator of a role. */
    public String operator(String role) {
        return role + "-" + account.account();
    }

    /** Secrets of the account. */
    public Set<String> secrets() {
        return secrets;
    }

    /** A path with the IDs of the resources in place of its variables. */
    public String fill(String template) {
        String path = template;
        for (Map.Entry<String, String> list : ids.entrySet()) {
            path = path.replace(list.getKey() + "/{id}", list.getKey() + "/" + list.getValue());
        }
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            path = path.replace("{" + variable.getKey() + "}", variable.getValue());
        }
        if (path.contains("{")) {
            throw new AssertionError(template + " has a variable without a value");
        }
        return path;
    }

    /** The name or title of the resource that a path is about; empty if it is about none. */
    public String name(String template) {
        return names.entrySet().stream().filter(name -> template.contains(name.getKey() + "/{id}"))
                .map(Map.Entry::getValue).findFirst().orElse("");
    }

    /** The export of the account, without the time of the export: a text that changes only if the account changes. */
    public String asItIs() {
        return account.manage("GET", "/export", "").text().replaceFirst("\"exported_at\":\"[^\"]+\"", "");
    }

    @Override
    public void close() {
        ROLES.forEach(role -> expect(204, gate.operate("DELETE", "/api/v1/operators/" + operator(role), "")));
        expect(204, account.manage("DELETE", "", ""));
        expect(204, other.manage("DELETE", "", ""));
    }
}
