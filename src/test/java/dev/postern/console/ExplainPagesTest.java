package dev.postern.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.postern.support.LicensedGate;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Explanations in the browser, and changes of rules that are tried before they are saved. */
@OwnsItsGate
@Order(5)
class ExplainPagesTest {
    private static final TestGate GATE = LicensedGate.start();
    private static Desk desk;
    private static Customer customer;

    @BeforeAll
    static void open() {
        desk = new Desk(GATE);
        customer = GATE.newCustomer();
        customer.make("/devices", "{\"id\":\"lamp-" + customer.account() + "\",\"title\":\"Lamp\"}");
        customer.make("/devices", "{\"id\":\"fan-" + customer.account() + "\",\"title\":\"Fan\"}");
        customer.make("/devices", "{\"id\":\"pump-" + customer.account() + "\",\"title\":\"Pump\"}");
    }

    @AfterAll
    static void close() {
        desk.close();
        GATE.close();
    }

    private static String lamp() {
        return "lamp-" + customer.account();
    }

    private static String pump() {
        return "pump-" + customer.account();
    }

    private static JsonNode key(String name, String... devices) {
        return customer.make("/api-keys", "{\"name\":\"" + name + "\",\"permissions\":[{\"actions\":[\"get\"],"
                + "\"resources\":[{\"device\":\"" + String.join("\"},{\"device\":\"", devices) + "\"}]}]}");
    }

    private static Locator answer() {
        return desk.page().locator("#answer");
    }

    @Test
    void followTheChecksOfAPastedCommandToTheGrantAndTheEditor() {
        Page page = desk.page();
        JsonNode made = key("Reader of the lamp", lamp());
        String secret = made.required("key").stringValue();
        desk.open("/explain");
        desk.lookInBothLanguages("explain-empty");
        desk.fill("call",
                "curl -sS -X PUT 'http://gate.example/devices/" + lamp() + "/datastreams/gps' \\\n  -H 'api-key: "
                        + secret + "' \\\n  --json '{\"value\":1}'");
        page.locator("main textarea").press("Tab");
        page.locator("main form").getByRole(AriaRole.BUTTON).press("Enter");
        assertThat(answer().locator(".verdict")).containsText("Denied");
        assertThat(answer().locator(".verdict")).containsText("PUT /devices/" + lamp() + "/datastreams/gps");
        assertThat(answer().locator("[aria-current=step]")).containsText("This check decides");
        assertThat(answer().locator(".checks li")).hasCount(11);
        assertThat(answer().locator("#grant .rules-shown")).containsText("PUT");
        assertThat(answer().locator("#grant .rules-shown")).containsText("gps");
        assertThat(answer()).containsText("credential " + made.required("id").stringValue());
        assertThat(answer().innerHTML()).doesNotContain(secret);
        assertThat(page.url()).endsWith("/console/explain");
        desk.browser().look("explain-denied");

        page.navigate("/console/language?tag=zh-CN");
        desk.open("/explain");
        desk.fill("call", "GET /devices/" + pump());
        desk.fill("credential", "Bearer " + secret);
        page.locator("main form").getByRole(AriaRole.BUTTON).click();
        assertThat(answer().locator(".verdict")).containsText("拒绝");
        desk.browser().look("explain-denied-chinese");
        page.navigate("/console/language?tag=en");
        page.goBack();
        page.goBack();
        assertThat(page.content()).doesNotContain(secret);

        desk.open("/explain");
        desk.fill("call", "GET /devices/" + lamp());
        desk.fill("credential", secret);
        desk.press("Explain");
        assertThat(answer().locator(".verdict")).containsText("Allowed");
        desk.browser().look("explain-allowed");
        page.reload();
        assertThat(page.locator("main [name=credential]")).hasValue("");
        assertThat(page.locator("main [name=call]")).hasValue("");
        assertThat(answer()).hasText("The answer appears here.");

        desk.open("/accounts/" + customer.account() + "/api-keys/" + made.required("id").stringValue());
        desk.follow("Explain a call");
        desk.fill("call", "DELETE /devices/" + lamp());
        desk.press("Explain");
        desk.follow("Modify the credential");
        assertThat(page.locator("main [name=name]")).hasValue("Reader of the lamp");
        desk.browser().assertNoFaults();
    }

    @Test
    void sayWhatCannotBeReadAndKeepNoSecret() {
        Page page = desk.page();
        desk.open("/explain");
        desk.fill("call", "curl -H \"api-key: $KEY\" http://gate.example/devices");
        desk.press("Explain");
        assertThat(answer().locator(".error")).containsText("Only your shell knows $KEY");
        desk.browser().look("explain-unreadable");
        desk.fill("call", "GET /devices\napi-key: <b>s3cret</b>");
        desk.fill("credential", "s3cret-too");
        desk.press("Explain");
        assertThat(answer().locator(".error")).containsText("Only one of credential");
        desk.fill("call", "GET /devices/\"'><script>window.hacked=1</script><img src=x>");
        desk.press("Explain");
        desk.fill("call", "GET /devices/\"'><img/src=x/onerror=window.hacked=1>");
        desk.press("Explain");
        assertThat(answer().locator(".verdict")).containsText("Denied");
        assertThat(page.evaluate("window.hacked === undefined && !document.querySelector('main img')")).isEqualTo(true);

        desk.fill("credential", "s3cret-too");
        desk.fill("client_address", "10.1.2.3");
        desk.browser().context().clearCookies();
        desk.press("Explain");
        assertThat(page.locator("main")).containsText("Your session has ended.");
        assertThat(page.content()).doesNotContain("s3cret-too").doesNotContain("onerror");
        desk.signIn();
        assertThat(page.content()).doesNotContain("s3cret-too").doesNotContain("onerror");
        desk.press("Continue");
        assertThat(page.locator("main [name=client_address]")).hasValue("10.1.2.3");
        assertThat(page.locator("main [name=credential]")).hasValue("");
        desk.browser().assertNoFaults();
    }

    @Test
    void tryRulesBeforeTheyAreSaved() {
        Page page = desk.page();
        JsonNode made = key("Tried", lamp(), pump());
        String secret = made.required("key").stringValue();
        for (int call = 0; call < 3; call++) {
            assertThat(GATE.call(secret, "GET", "/devices/" + pump()).status()).isEqualTo(200);
        }
        assertThat(GATE.call(secret, "GET", "/devices/" + lamp()).status()).isEqualTo(200);
        desk.open("/accounts/" + customer.account() + "/api-keys/" + made.required("id").stringValue() + "/edit");
        Locator tried = page.locator("#tried");
        desk.fill("try-target", "/devices/" + pump());
        page.locator("main [name=try-target]").press("Enter");
        assertThat(tried).containsText("Allowed");
        page.locator("fieldset.rule .chip", new Page.LocatorOptions().setHasText(pump())).locator("input").uncheck();
        assertThat(tried).containsText("Denied");
        assertThat(tried).containsText("Without the change, it is allowed.");
        desk.press("What would this change refuse?");
        assertThat(tried.locator("#replayed")).containsText("It would refuse 3 of the 4 recent calls");
        assertThat(tried.locator(".counts").first()).containsText(pump());
        assertThat(tried.locator(".counts").nth(1)).containsText(made.required("id").stringValue());
        desk.browser().look("api-key-what-if");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Remove rule 1")).click();
        assertThat(page.locator("fieldset.rule")).hasCount(0);
        assertThat(tried.locator("#replayed")).hasCount(0);
        assertThat(tried).containsText("Denied");
        desk.press("What would this change refuse?");
        assertThat(tried).containsText("It would refuse 4 of the 4");
        desk.fill("allowed_networks", "nonsense");
        desk.press("Try");
        assertThat(tried.locator(".error")).containsText("allowed_networks");
        assertThat(customer.manage("GET", "/api-keys/" + made.required("id").stringValue(), "").text())
                .contains(pump());
        desk.browser().assertNoFaults();
    }

    @Test
    void explainAndTryWithoutScripts() {
        JsonNode made = key("Plain", lamp());
        var context = desk.browser().context().browser()
                .newContext(new com.microsoft.playwright.Browser.NewContextOptions().setJavaScriptEnabled(false)
                        .setBaseURL("http://127.0.0.1:" + GATE.managementPort())
                        .setStorageState(desk.browser().context().storageState()));
        Page page = context.newPage();
        page.navigate("/console/explain");
        page.locator("main [name=call]").fill("GET /devices/" + lamp());
        page.locator("main [name=credential]").fill(made.required("key").stringValue());
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Explain")).click();
        assertThat(page.locator(".verdict")).containsText("Allowed");
        assertThat(page.content()).doesNotContain(made.required("key").stringValue());
        page.navigate("/console/accounts/" + customer.account() + "/api-keys/" + made.required("id").stringValue()
                + "/edit");
        page.locator("main [name=try-target]").fill("/devices/" + lamp());
        page.locator("main [name=try-method]").selectOption("PUT");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Try").setExact(true)).click();
        assertThat(page.locator("#tried")).containsText("Denied");
        context.close();
    }
}
