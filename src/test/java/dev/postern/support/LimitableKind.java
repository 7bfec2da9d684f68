package dev.postern.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate.Customer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import tools.jackson.databind.JsonNode;

/** The kinds of credentials that an account can have many of, and the tokens that come from them. */
public enum LimitableKind {
    API_KEY("/api-keys", "\"permissions\":[{\"actions\":[\"get\"],\"resources\":[{\"device\":\"lamp\"}]}]"),
    STATIC_TOKEN("/static-tokens", "\"rules\":[{\"actions\":[\"get\"],\"devices\":\"all\"}]"),
    ACCESS_TOKEN("/applications", "\"rules\":[{\"actions\":[\"get\"],\"devices\":\"all\"}]"),
    TERMINAL("/applications", "\"rules\":[{\"actions\":[\"get\"],\"devices\":\"all\"}]"),
    RSA("/rsa-tokens", "\"apis\":[\"devices\"],\"projects\":[\"p\"]"),
    JWT("/jwt-tokens", "\"apis\":[\"devices\"],\"users\":[\"u\"]");

    private final String path;
    private final String members;

    LimitableKind(String path, String members) {
        this.path = path;
        this.members = members;
    }

    /**
     * A credential.
     *
     * @param kind its kind
     * @param made what the management API answered when it was made
     * @param text what its client presents in calls
     */
    public record Made(LimitableKind kind, Customer customer, JsonNode made, String text) {
        /** The path of the credential, below the path of its account. */
        public String path() {
            return kind.path + "/" + made.required("id").stringValue();
        }

        /** Replaces the credential by the same one with these additional JSON members, and returns the reply. */
        public Reply replace(String more) {
            return customer.manage("PUT", path(), "{\"name\":\"" + made.required("name").stringValue() + "\","
                    + kind.members + (more.isEmpty() ? "" : "," + more) + "}");
        }

        public JsonNode show() {
            return customer.manage("GET", path(), "").json();
        }
    }

    /** The path of the list of these credentials, below the path of an account. */
    public String path() {
        return path;
    }

    /** Makes an account with what the tokens name: the project p and the user u. */
    public static Customer newCustomer(TestGate gate) {
        Customer customer = gate.newCustomer();
        customer.make("/projects", "{\"id\":\"p\",\"name\":\"P\",\"devices\":[\"lamp\"]}");
        customer.make("/users", "{\"id\":\"u\",\"name\":\"U\",\"devices\":[\"lamp\"]}");
        return customer;
    }

    /**
     * Makes a credential that may read lamp, with these additional JSON members. A token that the client makes itself
     * is issued at the time {@code now}.
     */
    public Made make(TestGate gate, Customer customer, Instant now, String more) {
        JsonNode made = customer.make(path, "{\"name\":\"" + this + " of " + customer.account() + "\"," + members
                + (this == ACCESS_TOKEN || this == TERMINAL ? ",\"kind\":\"software\"" : "")
                + (more.isEmpty() ? "" : "," + more) + "}");
        return new Made(this, customer, made, text(gate, customer, made, now));
    }

    /** What the client presents in calls: the credential itself, or a new token that comes from it. */
    public String text(TestGate gate, Customer customer, JsonNode made, Instant now) {
        String claims = "\"iat\":" + now.getEpochSecond() + ",\"exp\":" + now.plusSeconds(3600).getEpochSecond();
        return switch (this) {
            case API_KEY -> made.required("key").stringValue();
            case STATIC_TOKEN -> made.required("token").stringValue();
            case ACCESS_TOKEN -> accessToken(gate, made);
            case TERMINAL -> authorize(gate, made).json().required("data").required("accessToken").stringValue();
            case RSA -> {
                JsonNode file = customer.manage("GET", path + "/" + made.required("id").stringValue() + "/file", "")
                        .json();
                yield ClientTokens.encryptedAs(file,
                        "{\"key\":\"" + file.required("key").stringValue() + "\"," + claims + "}");
            }
            case JWT -> ClientTokens.signed(made, "{\"sub\":\"u\"," + claims + "}");
        };
    }

    private static String accessToken(TestGate gate, JsonNode application) {
        Reply reply = requestToken(gate, application);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json().required("access_token").stringValue();
    }

    /** Asks {@code /oauth/token} as this application, with these additional header lines. */
    public static Reply requestToken(TestGate gate, JsonNode application, String... headerLines) {
        String[] all = new String[headerLines.length + 2];
        all[0] = "Content-Type: application/x-www-form-urlencoded";
        all[1] = "Authorization: Basic " + Base64.getEncoder()
                .encodeToString((application.required("app_key").stringValue() + ":"
                        + application.required("app_secret").stringValue()).getBytes(StandardCharsets.US_ASCII));
        System.arraycopy(headerLines, 0, all, 2, headerLines.length);
        return RawHttp.call(gate.port(), "POST", "/oauth/token", "grant_type=client_credentials", all);
    }

    /** Asks {@code /api/v1/user/login-app} as this application. */
    public static Reply login(TestGate gate, JsonNode application) {
        return RawHttp.call(gate.port(), "POST", "/api/v1/user/login-app", "{\"appKey\":\""
                + application.required("app_key").stringValue() + "\",\"appSecret\":\""
                + application.required("app_secret").stringValue() + "\"}");
    }

    /** Asks {@code /httpapi/authorize.do} as the terminal lamp of this application. */
    public static Reply authorize(TestGate gate, JsonNode application) {
        return RawHttp.call(gate.port(), "GET", "/httpapi/authorize.do?appkey="
                + application.required("app_key").stringValue() + "&userid=lamp", "");
    }
}
