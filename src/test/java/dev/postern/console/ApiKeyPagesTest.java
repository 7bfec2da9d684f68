package dev.postern.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.postern.support.LicensedGate;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** API keys in the browser: the editor of their rules, and their life from the form to the deletion. */
@OwnsItsGate
@LongTest
@Order(4)
class ApiKeyPagesTest {
    private static final TestGate GATE = LicensedGate.start();
    private static Desk desk;
    private static Customer customer;

    @BeforeAll
    static void open() {
        desk = new Desk(GATE);
        customer = GATE.newCustomer();
        customer.make("/devices", "{\"id\":\"lamp\",\"title\":\"Lamp in the hall\"}");
        customer.make("/devices", "{\"id\":\"pump\",\"title\":\"Pump in the cellar\"}");
        customer.make("/devices", "{\"id\":\"fan\",\"title\":\"Fan on the roof\"}");
        customer.make("/projects", "{\"id\":\"plant\",\"name\":\"Plant\",\"devices\":[\"pump\",\"fan\"]}");
    }

    @AfterAll
    static void close() {
        desk.close();
        GATE.close();
    }

    private static String base() {
        return "/accounts/" + customer.account() + "/api-keys";
    }

    private static Locator rule(int number) {
        return desk.page().locator("fieldset.rule").nth(number);
    }

    private static JsonNode permissions(String id) {
        return customer.manage("GET", "/api-keys/" + id, "").json().required("permissions");
    }

    private static void search(int number, String text) {
        rule(number).locator("input[type=search]").fill(text);
        rule(number).locator("input[type=search]").press("Enter");
    }

    @Test
    void areMadeWithRulesOfDevicesStreamsAndMethods() {
        Page page = desk.page();
        desk.open(base());
        desk.browser().look("api-keys-empty");
        desk.follow("New");
        desk.fill("name", "Key of the hall");
        search(0, "Lamp");
        rule(0).locator(".found").getByLabel("Lamp in the hall").check();
        assertThat(rule(0).locator(".chip")).hasCount(1);
        search(0, "plant");
        assertThat(rule(0).locator(".chosen")).containsText("lamp");
        page.getByRole(AriaRole.BUTTON,
                new Page.GetByRoleOptions().setName(Pattern.compile("Add the devices of project")))
                .click();
        assertThat(rule(0).locator(".chip")).hasCount(3);
        rule(0).locator(".chip", new Locator.LocatorOptions().setHasText("fan")).locator("input").uncheck();
        rule(0).getByLabel("PUT").check();
        desk.press("Add a rule");
        assertThat(page.locator("fieldset.rule")).hasCount(2);
        assertThat(page.locator("main [name=name]")).hasValue("Key of the hall");
        search(1, "fan");
        rule(1).getByLabel("Fan on the roof").check();
        rule(1).locator("select").selectOption("only");
        rule(1).getByPlaceholder("Data streams, such as gps temperature").fill("gps, speed");
        desk.press("Add a rule");
        assertThat(page.locator("fieldset.rule")).hasCount(3);
        desk.browser().look("api-key-form");
        rule(2).getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Remove rule 3")).click();
        assertThat(page.locator("fieldset.rule")).hasCount(2);
        desk.press("Submit");

        assertThat(page.locator("[role=status]")).hasText("The API key is created.");
        desk.browser().look("api-key-issued");
        String key = desk.secret();
        assertThat(GATE.call(key, "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(GATE.call(key, "DELETE", "/devices/lamp").status()).isEqualTo(403);
        assertThat(GATE.call(key, "GET", "/devices/fan").status()).isEqualTo(403);

        desk.follow("Return to list");
        desk.browser().look("api-keys");
        desk.follow("Modify");
        assertThat(page.locator("fieldset.rule")).hasCount(2);
        desk.lookInBothLanguages("api-key-edit");
        String id = desk.idOfPage();
        JsonNode before = permissions(id);
        assertThat(before.toString()).contains("{\"device\":\"fan\",\"stream\":\"gps\"}", "{\"device\":\"pump\"}");
        desk.press("Submit");
        assertThat(page.locator("[role=status]")).hasText("Saved.");
        assertThat(permissions(id)).as("a form that nobody changed").isEqualTo(before);
        desk.browser().look("api-key");
        desk.follow("Show key");
        assertThat(desk.secret()).isEqualTo(key);
        desk.browser().assertNoFaults();
    }

    @Test
    void showWhatSomebodyElseChangedMeanwhileAndAreDeletedWithTheirNameTyped() {
        Page page = desk.page();
        JsonNode made = customer.make("/api-keys", "{\"name\":\"Shared\",\"permissions\":[{\"actions\":[\"get\"],"
                + "\"resources\":[{\"device\":\"lamp\"}]}]}");
        String id = made.required("id").stringValue();
        desk.open(base() + "/" + id + "/edit");
        customer.manage("PUT", "/api-keys/" + id, "{\"name\":\"Theirs\",\"permissions\":[{\"actions\":[\"put\"],"
                + "\"resources\":[{\"device\":\"pump\"}]}]}");
        desk.fill("name", "Mine");
        desk.press("Submit");
        assertThat(page.locator("main [role=alert]")).containsText("Theirs");
        assertThat(page.locator("main [role=alert]")).containsText("pump");
        assertThat(page.locator("main [name=name]")).hasValue("Mine");
        desk.browser().look("api-key-conflict");
        desk.press("Submit");
        assertThat(page.locator("[role=status]")).hasText("Saved.");
        assertThat(permissions(id).toString()).contains("lamp").doesNotContain("pump");

        desk.follow("Delete");
        desk.fill("name", "Mine");
        desk.press("Delete");
        assertThat(page.locator("main")).containsText("is deleted");
        assertThat(GATE.call(made.required("key").stringValue(), "GET", "/devices/lamp").status()).isEqualTo(401);
        desk.browser().assertNoFaults();
    }

    @Test
    void keepTheirManyPermissionsWhenTheNameIsChanged() {
        String many = IntStream.range(0, 500).mapToObj(number -> "{\"actions\":[\"get\"],\"resources\":[{\"device\":\"d"
                + number + "\"}]}").collect(Collectors.joining(",", "[", "]"));
        String id = customer.make("/api-keys", "{\"name\":\"Many\",\"permissions\":" + many + "}").required("id")
                .stringValue();
        JsonNode before = permissions(id);
        assertThat(before).hasSize(500);
        desk.open(base() + "/" + id + "/edit");
        desk.fill("name", "Still many");
        desk.press("Submit");
        assertThat(desk.page().locator("[role=status]")).hasText("Saved.");
        assertThat(permissions(id)).isEqualTo(before);
        customer.manage("DELETE", "/api-keys/" + id, "");
    }

    @Test
    void areEditedWithoutScripts() {
        Page page = desk.browser().context().browser()
                .newContext(new com.microsoft.playwright.Browser.NewContextOptions().setJavaScriptEnabled(false)
                        .setBaseURL("http://127.0.0.1:" + GATE.managementPort())
                        .setStorageState(desk.browser().context().storageState()))
                .newPage();
        page.navigate("/console/accounts/" + customer.account() + "/new/api-keys");
        page.locator("[name=name]").fill("By hand");
        page.locator("input[type=search]").fill("pump");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Search")).click();
        page.getByLabel("Pump in the cellar").check();
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Add a rule")).click();
        assertThat(page.locator("fieldset.rule")).hasCount(2);
        page.locator("fieldset.rule").first().locator(".chip").waitFor();
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Submit")).click();
        assertThat(page.locator("[role=status]")).hasText("The API key is created.");
        page.context().close();
    }
}
