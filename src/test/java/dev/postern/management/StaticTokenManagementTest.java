package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.credential.RuleJson;
import dev.postern.issuance.StaticTokens;
import dev.postern.store.TestRedis;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestApplication;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code /api/v1/accounts/{account}/static-tokens}, over a real socket. */
@UsesSharedGate
class StaticTokenManagementTest {
    private static final TestGate GATE = SharedGate.GATE;

    private final Customer customer = GATE.newCustomer();

    @Test
    void createsATokenForEverythingUnlessRulesLimitIt() {
        JsonNode everything = customer.make("/static-tokens", "{\"name\":\"" + name("all") + "\"}");
        JsonNode limited = customer.make("/static-tokens", "{\"name\":\"" + name("limited")
                + "\",\"rules\":[{\"apis\":[\"devices\"],\"actions\":[\"get\"],\"devices\":[\"lamp\"]}]}");

        assertThat(everything.propertyNames()).containsExactlyInAnyOrder("id", "name", "token", "enabled",
                "created_at", "expires_at", "allowed_networks", "last_used_at", "rotation", "rules");
        assertThat(everything.required("rules")).hasToString(
                "[{\"apis\":\"all\",\"actions\":[\"delete\",\"get\",\"post\",\"put\"],\"devices\":\"all\"}]");
        assertThat(GATE.call(text(everything), "GET", "/devices").status()).isEqualTo(200);
        assertThat(GATE.call(text(limited), "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(GATE.call(text(limited), "DELETE", "/devices/lamp").reason()).isEqualTo("action_not_permitted");
        assertThat(GATE.call(text(limited), "GET", "/devices/door").reason()).isEqualTo("device_not_permitted");
        assertThat(GATE.call(text(limited), "GET", "/logs/lamp").reason()).isEqualTo("api_not_permitted");
    }

    @Test
    void showsItsTextOnlyOnce() {
        JsonNode made = customer.make("/static-tokens", "{\"name\":\"" + name("once") + "\"}");
        String place = "/static-tokens/" + made.required("id").stringValue();

        for (Reply reply : new Reply[]{customer.manage("GET", place, ""), customer.manage("GET", "/static-tokens", ""),
                customer.manage("PUT", place, "{\"name\":\"" + name("once") + "\",\"rules\":[]}")}) {
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.text()).doesNotContain(text(made)).doesNotContain("\"token\"");
        }
    }

    @Test
    void acceptsAChosenTokenAndWarnsOfAShortOne() {
        JsonNode shortOne = customer.make("/static-tokens",
                "{\"name\":\"" + name("short") + "\",\"token\":\"" + customer.account() + "\"}");
        JsonNode longOne = customer.make("/static-tokens",
                "{\"name\":\"" + name("long") + "\",\"token\":\"0123456789-" + customer.account() + "\"}");

        assertThat(shortOne.required("warning").stringValue()).contains("16 characters");
        assertThat(longOne.has("warning")).isFalse();
        assertThat(GATE.call(customer.account(), "GET", "/devices").status()).isEqualTo(200);
        assertThat(GATE.call("0123456789-" + customer.account(), "GET", "/devices").status()).isEqualTo(200);
    }

    @Test
    void acceptsAChosenTokenOfEightCharacters() {
        String eight = "%08d".formatted(customer.account().hashCode() & 0xffffff);

        customer.make("/static-tokens", "{\"name\":\"" + name("eight") + "\",\"token\":\"" + eight + "\"}");

        assertThat(GATE.call(eight, "GET", "/devices").status()).isEqualTo(200);
    }

    /** Gates of earlier versions took tokens of any length. */
    @Test
    void stillAcceptsExistingShorterTokens() {
        String shortOne = "%x".formatted(customer.account().hashCode() & 0xffffff);
        StaticTokens.Issued made = TestRedis.get(GATE.context().getBean(StaticTokens.class).create(
                new AccountId(customer.account()), name("short"), Optional.of(shortOne),
                RuleJson.read("rules", JsonMapper.shared().readTree(TestApplication.EVERYTHING)), Limits.NONE));
        String place = "/static-tokens/" + made.listed().id();

        assertThat(GATE.call(shortOne, "GET", "/devices").status()).isEqualTo(200);
        assertThat(customer.manage("PUT", place, "{\"name\":\"" + name("renamed") + "\",\"rules\":"
                + TestApplication.EVERYTHING + "}").status()).isEqualTo(200);
        assertThat(GATE.call(shortOne, "GET", "/devices").status()).isEqualTo(200);
    }

    @Test
    void refusesATokenInUseWithoutQuotingIt() {
        String apiKey = customer.newKey("[]");
        String text = text(customer.make("/static-tokens", "{\"name\":\"" + name("first") + "\"}"));

        for (String taken : new String[]{apiKey, text, customer.masterKey()}) {
            Reply reply = GATE.newCustomer().manage("POST", "/static-tokens",
                    "{\"name\":\"" + name("second") + "\",\"token\":\"" + taken + "\"}");
            assertThat(reply.status()).isEqualTo(409);
            assertThat(reply.reason()).isEqualTo("already_exists");
            assertThat(reply.text()).doesNotContain(taken);
        }
        customer.make("/static-tokens", "{\"name\":\"" + name("second") + "\"}");
        assertThat(GATE.call(text, "GET", "/devices").status()).isEqualTo(200);
    }

    @Test
    void isRefusedAtOnceWhenDisabledOrDeleted() {
        JsonNode made = customer.make("/static-tokens", "{\"name\":\"" + name("off") + "\"}");
        String place = "/static-tokens/" + made.required("id").stringValue();
        assertThat(GATE.call(text(made), "GET", "/devices").status()).isEqualTo(200);

        customer.manage("PUT", place, "{\"name\":\"" + name("off") + "\",\"enabled\":false,\"rules\":"
                + made.required("rules") + "}");
        assertThat(GATE.call(text(made), "GET", "/devices").reason()).isEqualTo("credential_invalid");

        customer.manage("PUT", place, "{\"name\":\"" + name("off") + "\",\"rules\":" + made.required("rules") + "}");
        assertThat(GATE.call(text(made), "GET", "/devices").status()).isEqualTo(200);

        customer.manage("DELETE", place, "");
        assertThat(GATE.call(text(made), "GET", "/devices").reason()).isEqualTo("credential_invalid");
    }

    private String name(String name) {
        return name + " static " + customer.account();
    }

    private static String text(JsonNode made) {
        return made.required("token").stringValue();
    }
}
