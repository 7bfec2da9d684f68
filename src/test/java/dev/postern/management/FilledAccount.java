package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.postern.support.ClientTokens;
import dev.postern.support.RawHttp;
import dev.postern.support.TestApplication;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestIssuer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** An account that has resources of every kind, and its credentials as their holders have them. */
public final class FilledAccount {
    public static final TestIssuer ISSUER = new TestIssuer();
    private static final String RULES = "[{\"apis\":[\"devices\"],\"actions\":[\"get\"],\"devices\":\"all\"}]";

    public final Customer customer;
    public final Customer receiver;
    /** For each credential, makes the token that its holder presents to a gate. */
    public final Map<String, Function<TestGate, String>> credentials = new LinkedHashMap<>();
    private final String own;

    private FilledAccount(Customer customer, Customer receiver) {
        this.customer = customer;
        this.receiver = receiver;
        this.own = customer.account();
    }

    /** A device ID is unique among all accounts, so each test has its own. IDs of terminals have no hyphens. */
    public String lamp() {
        return "lamp" + own.replace("-", "");
    }

    public static FilledAccount at(TestGate gate) {
        FilledAccount filled = new FilledAccount(gate.newCustomer(), gate.newCustomer());
        filled.fill();
        return filled;
    }

    private void fill() {
        customer.make("/projects", "{\"id\":\"house\",\"name\":\"Häuser | 💡\",\"devices\":[]}");
        customer.make("/users", "{\"id\":\"alice\",\"name\":\"Alice\",\"devices\":[\"not-registered\"]}");
        assertThat(customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":2,\"years\":3}").status())
                .isEqualTo(200);
        customer.make("/devices", "{\"id\":\"" + lamp() + "\",\"title\":\"a | b\",\"project\":\"house\","
                + "\"user\":\"alice\"}");
        customer.make("/devices", "{\"id\":\"car-" + own + "\",\"title\":\"Küche\"}");
        customer.make("/devices", "{\"id\":\"bell-" + own + "\",\"title\":\"waits\",\"user\":\"alice\"}");
        customer.make("/devices/" + lamp() + "/shares", "{\"account\":\"" + receiver.account() + "\"}");
        credentials.put("master key", _ -> customer.masterKey());
        fillKeys();
        fillApplications();
        fillTokens();
        customer.make("/blocked-subjects", "{\"issuer\":\"test\",\"subject\":\"mallory\"}");
    }

    private void fillKeys() {
        String permissions = "[{\"actions\":[\"get\"],\"resources\":[{\"device\":\"" + lamp() + "\"},{\"device\":\""
                + lamp() + "\",\"stream\":\"gps\"}]}]";
        JsonNode key = customer.make("/api-keys", "{\"name\":\"k\",\"permissions\":" + permissions
                + ",\"expires_at\":\"2999-01-01\",\"allowed_networks\":[\"127.0.0.0/8\",\"::1\"]}");
        credentials.put("API key", _ -> key.required("key").stringValue());
        JsonNode rotated = customer.make("/api-keys", "{\"name\":\"k\",\"permissions\":" + permissions + "}");
        JsonNode next = customer.manage("POST", "/api-keys/" + id(rotated) + ":rotate", "{\"overlap\":\"P1D\"}").json();
        credentials.put("old API key", _ -> rotated.required("key").stringValue());
        credentials.put("new API key", _ -> next.required("key").stringValue());
        JsonNode fixed = customer.make("/static-tokens", "{\"name\":\"s " + own + "\",\"rules\":" + RULES + "}");
        JsonNode renewed = customer.manage("POST", "/static-tokens/" + id(fixed) + ":rotate", "{\"overlap\":\"P1D\"}")
                .json();
        credentials.put("old static token", _ -> fixed.required("token").stringValue());
        credentials.put("new static token", _ -> renewed.required("token").stringValue());
    }

    private void fillApplications() {
        JsonNode software = customer.make("/applications", "{\"name\":\"a\",\"kind\":\"software\"}");
        JsonNode renewed = customer.manage("POST", "/applications/" + id(software) + ":rotate", "").json();
        String key = software.required("app_key").stringValue();
        credentials.put("application", gate -> accessToken(gate, key, renewed));
        credentials.put("application by its old secret", gate -> accessToken(gate, key, software));
        JsonNode hardware = customer.make("/applications", "{\"name\":\"a\",\"kind\":\"hardware\",\"rules\":" + RULES
                + "}");
        String authcode = customer.make("/applications/" + id(hardware) + "/authcodes",
                "{\"count\":3,\"terminals\":2,\"valid_days\":90}").required("authcodes").get(1).required("authcode")
                .stringValue();
        credentials.put("terminal", gate -> RawHttp.call(gate.port(), "GET", "/httpapi/authorize.do?appkey="
                + hardware.required("app_key").stringValue() + "&userid=" + lamp() + "&authcode=" + authcode, "").json()
                .required("data").required("accessToken").stringValue());
    }

    private static String accessToken(TestGate gate, String key, JsonNode secret) {
        return TestApplication.oauth(gate, "token", "grant_type=client_credentials",
                TestApplication.basic(key, secret.required("app_secret").stringValue())).json()
                .required("access_token").stringValue();
    }

    private void fillTokens() {
        JsonNode rsa = customer.make("/rsa-tokens",
                "{\"name\":\"r " + own + "\",\"apis\":[\"devices\"],\"projects\":[\"house\"]}");
        JsonNode file = customer.manage("GET", "/rsa-tokens/" + id(rsa) + "/file", "").json();
        credentials.put("RSA token", _ -> ClientTokens.encrypted(file, ""));
        JsonNode jwt = customer.make("/jwt-tokens",
                "{\"name\":\"j " + own + "\",\"apis\":[\"devices\"],\"users\":[\"alice\"]}");
        JsonNode renewed = customer.manage("POST", "/jwt-tokens/" + id(jwt) + ":rotate", "{\"overlap\":\"P1D\"}")
                .json();
        String user = ClientTokens.claims("\"sub\":\"alice\"");
        credentials.put("JWT token by its old secret", _ -> ClientTokens.signed(jwt, user));
        credentials.put("JWT token", _ -> ClientTokens.signed(renewed, user));
        try {
            ECKey key = new ECKeyGenerator(Curve.P_256).generate();
            JsonNode registered = customer.make("/jwt-tokens", "{\"name\":\"p " + own
                    + "\",\"apis\":[\"devices\"],\"users\":[\"alice\"],\"public_key\":"
                    + key.toPublicJWK().toJSONString()
                    + "}");
            credentials.put("JWT token with a registered key",
                    _ -> ClientTokens.signed(key, registered.required("secret_id").stringValue(), user));
        } catch (JOSEException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** A token of the subject that the account blocks. */
    public String blockedToken() {
        return ISSUER.signed("at+jwt", ClientTokens.claims("\"iss\":\"" + TestIssuer.ISSUER + "\",\"aud\":\""
                + TestIssuer.AUDIENCE + "\",\"sub\":\"mallory\",\"client_id\":\"c\",\"jti\":\"1\",\"account\":\"" + own
                + "\",\"scope\":\"devices\""));
    }

    /** What the holder of a credential presents to a gate. */
    public String presented(String name, TestGate gate) {
        return Objects.requireNonNull(credentials.get(name)).apply(gate);
    }

    int status(TestGate gate, String credential) {
        return RawHttp.call(gate.port(), "GET", "/devices/" + lamp(), "", "Authorization: Bearer " + credential)
                .status();
    }

    /** Calls the device with each credential. */
    void assertWorksAt(TestGate gate) {
        credentials.forEach((name, credential) -> assertThat(status(gate, credential.apply(gate))).as(name)
                .isEqualTo(200));
    }

    static String id(JsonNode made) {
        return made.required("id").stringValue();
    }
}
