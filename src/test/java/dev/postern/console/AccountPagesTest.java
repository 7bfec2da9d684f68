package dev.postern.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.postern.support.LongTest;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The authcodes of an application, and the deletion of an account, in the browser. */
@LongTest
@UsesSharedGate
class AccountPagesTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String RULES = "[{\"apis\":[\"devices\"],\"actions\":[\"get\"],\"devices\":\"all\"}]";
    private static Desk desk;

    @BeforeAll
    static void open() {
        desk = new Desk(GATE);
    }

    @AfterAll
    static void close() {
        desk.close();
    }

    private static Reply authorize(JsonNode application, String terminal, String authcode) {
        return RawHttp.call(GATE.port(), "GET", "/httpapi/authorize.do?appkey="
                + application.required("app_key").stringValue() + "&userid=" + terminal + "&authcode=" + authcode, "");
    }

    private static int call(String token) {
        return RawHttp.call(GATE.port(), "GET", "/devices/bulb", "", "Authorization: Bearer " + token).status();
    }

    @Test
    void createAuthcodesThatAdmitTerminalsUntilTheyAreDeleted() {
        Customer customer = GATE.newCustomer();
        JsonNode application = customer.make("/applications",
                "{\"name\":\"Bulbs\",\"kind\":\"hardware\",\"rules\":" + RULES + "}");
        Page page = desk.page();
        desk.open("/accounts/" + customer.account() + "/applications/" + application.required("id").stringValue());
        desk.follow("Authcodes");
        assertThat(page.locator("main .empty")).isVisible();
        desk.lookInBothLanguages("authcodes-empty");

        desk.fill("count", "many");
        desk.press("Create");
        assertThat(page.locator("[role=alert]")).containsText("count");
        assertThat(page.locator("main [name=count]")).hasValue("many");

        desk.fill("count", "2");
        desk.fill("terminals", "1");
        desk.fill("valid_days", "30");
        desk.press("Create");
        assertThat(page.locator("main [role=status].done").last()).containsText("2 authcodes were created.");
        assertThat(page.locator("tbody tr")).hasCount(2);
        desk.browser().look("authcodes");
        String[] authcodes = desk.secret().strip().split("\\s+");
        assertThat(authcodes).hasSize(2);

        String token = authorize(application, "bulb", authcodes[0]).json().required("data").required("accessToken")
                .stringValue();
        assertThat(call(token)).isEqualTo(200);
        desk.open("/accounts/" + customer.account() + "/applications/" + application.required("id").stringValue()
                + "/authcodes");
        assertThat(page.locator("tbody tr", new Page.LocatorOptions().setHasText(authcodes[0]))).containsText("1 / 1");

        page.locator("tbody tr", new Page.LocatorOptions().setHasText(authcodes[0])).locator("button.danger")
                .click();
        assertThat(page.locator("main code")).hasText(authcodes[0]);
        desk.browser().look("authcode-delete");
        desk.press("Delete");
        assertThat(page.locator("tbody tr")).hasCount(1);
        assertThat(page.locator("#receipt, .receipt").first()).isVisible();
        assertThat(call(token)).isEqualTo(401);
        assertThat(authorize(application, "lamp", authcodes[1]).json().has("data")).isTrue();
        desk.browser().assertNoFaults();
    }

    @Test
    void replaceAMasterKeyAfterAWarning() {
        Customer customer = GATE.newCustomer();
        Page page = desk.page();
        desk.open("/accounts/" + customer.account());
        desk.follow("Replace the master key");
        desk.lookInBothLanguages("master-key");
        desk.fill("id", customer.account());
        desk.press("Replace the master key");
        assertThat(page.locator("h1")).hasText("The master key is replaced");
        assertThat(GATE.call(desk.secret(), "GET", "/devices/bulb").status()).isEqualTo(200);
        assertThat(GATE.call(customer.masterKey(), "GET", "/devices/bulb").status()).isEqualTo(401);
        desk.browser().assertNoFaults();
    }

    @Test
    void changeAnOperatorAndSetPasswords() {
        String name = "grace-" + System.nanoTime();
        assertThat(GATE.operate("POST", "/api/v1/operators", "{\"name\":\"" + name
                + "\",\"role\":\"viewer\",\"password\":\"" + Desk.PASSWORD + "\"}").status()).isEqualTo(201);
        Page page = desk.page();
        desk.open("/operators");
        desk.follow(name);
        desk.lookInBothLanguages("operator");
        page.locator("main [name=role]").selectOption("editor");
        page.locator("main [name=enabled]").uncheck();
        desk.press("Save");
        assertThat(page.locator("main [role=status].done")).hasText("Saved.");
        assertThat(GATE.operate("GET", "/api/v1/operators/" + name, "").json().toString())
                .contains("\"role\":\"editor\"", "\"enabled\":false");
        desk.fill("password", "wrong horse wrong battery");
        desk.press("Set the password");
        assertThat(page.locator("main [role=status].done")).hasText("The new password is set.");

        assertThat(GATE.operate("DELETE", "/api/v1/operators/" + name, "").status()).isEqualTo(204);
        desk.browser().assertNoFaults();
    }

    @Test
    void endTheSessionsOfAnOperatorWithANewPassword() {
        try (Desk own = new Desk(GATE)) {
            own.page().locator("header a.name").click();
            own.lookInBothLanguages("password");
            own.fill("password", "short");
            own.page().locator("main form").evaluate("form => form.noValidate = true");
            own.press("Set the password");
            assertThat(own.page().locator("[role=alert]")).containsText("password");
            own.fill("password", "another horse battery");
            own.press("Set the password");
            assertThat(own.page().locator("h1")).hasText("Sign in");
            own.signIn();
            assertThat(own.page().locator("[role=alert]")).hasText("Wrong name or password.");
            own.browser().assertNoFaults();
        }
    }

    @Test
    void deleteAnAccountWhoseIdIsTyped() {
        Customer customer = GATE.newCustomer();
        Page page = desk.page();
        desk.open("/accounts/" + customer.account());
        desk.follow("Delete the account");
        desk.lookInBothLanguages("account-delete");
        desk.fill("id", "another");
        desk.press("Delete the account");
        assertThat(page.locator("[role=alert]")).containsText("That is not the ID.");
        assertThat(GATE.operate("GET", "/api/v1/accounts/" + customer.account(), "").status()).isEqualTo(200);

        desk.fill("id", customer.account());
        desk.press("Delete the account");
        assertThat(page.locator("h1")).hasText("Deleted");
        assertThat(GATE.operate("GET", "/api/v1/accounts/" + customer.account(), "").status()).isEqualTo(404);
        assertThat(GATE.call(customer.masterKey(), "GET", "/devices/bulb").status()).isEqualTo(401);
        desk.follow("Return to list");
        assertThat(page.locator("h1")).hasText("Accounts");
        desk.browser().assertNoFaults();
    }
}
