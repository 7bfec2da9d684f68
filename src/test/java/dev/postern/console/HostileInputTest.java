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
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What nobody should type into a form, and forms whose session has ended. */
@LongTest
@OwnsItsGate
@Order(5)
class HostileInputTest {
    private static final TestGate GATE = LicensedGate.start();
    /** Breaks out of an attribute, of text and of a template, wherever one of them is not escaped. */
    private static final String SCRIPT = "\"'><script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
            + "${7*7}[[${7*7}]]{0}__${7*7}__";
    private static final List<String> NAMES = List.of("🚀 Röhre 中文", "\u202Eנורה של אלף\u202C", "x".repeat(128),
            "a'b\"c&amp;<b>", "{0} ${name} #{skip}");
    private static Desk desk;
    private static Customer customer;

    @BeforeAll
    static void open() {
        desk = new Desk(GATE);
        customer = GATE.newCustomer();
        customer.make("/projects", "{\"id\":\"hostile\",\"name\":\"" + json(SCRIPT) + "\",\"devices\":[]}");
        customer.make("/users", "{\"id\":\"hostile\",\"name\":\"" + json(SCRIPT) + "\",\"devices\":[]}");
    }

    @AfterAll
    static void close() {
        desk.close();
        GATE.close();
    }

    private static String json(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private static String base() {
        return "/accounts/" + customer.account();
    }

    private static void assertHarmless() {
        assertThat(desk.page().evaluate("window.hacked === undefined && document.querySelector('main img') === null"))
                .isEqualTo(true);
        desk.browser().assertNoFaults();
    }

    private static void chooseGroups() {
        for (String name : List.of("apis", "projects", "users")) {
            Locator choice = desk.page().locator("main input[name=" + name + "]");
            if (choice.count() > 0) {
                choice.first().check();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa-tokens", "jwt-tokens", "static-tokens", "api-keys", "applications", "projects",
            "users", "devices"})
    void isShownAsText(String kind) {
        Page page = desk.page();
        desk.open(base() + "/new/" + kind);
        // Every field of the form at once: most refuse it, and all show it again.
        Locator fields = page.locator("main form input:is(:not([type]),[type=text]), main form textarea");
        for (int i = 0; i < fields.count(); i++) {
            if (fields.nth(i).isVisible()) {
                fields.nth(i).fill(SCRIPT);
            }
        }
        Locator search = page.locator("main form [data-search]").first();
        if (search.count() > 0 && search.isVisible()) {
            search.fill(SCRIPT);
            search.press("Enter");
            page.locator(".found").first().locator("*").first().waitFor();
        }
        desk.press("Submit");
        assertHarmless();

        String label = kind.equals("devices") ? "title" : "name";
        desk.open(base() + "/new/" + kind);
        if (page.locator("main [name=id]").count() > 0) {
            desk.fill("id", "hostile-" + kind);
        }
        desk.fill(label, SCRIPT + kind.substring(0, 2));
        chooseGroups();
        desk.press("Submit");
        assertThat(page.locator("h1")).hasText(SCRIPT + kind.substring(0, 2));
        assertHarmless();
        desk.open(base() + "/" + kind);
        assertThat(page.locator("#rows")).containsText(SCRIPT);
        assertHarmless();
        page.locator("input[name=q]").fill(SCRIPT.substring(0, 60));
        assertThat(page.locator("#rows tbody")).containsText(SCRIPT);
        desk.open(base() + "/" + kind + "?q="
                + java.net.URLEncoder.encode(SCRIPT, java.nio.charset.StandardCharsets.UTF_8));
        assertHarmless();
        desk.open(base() + "/" + kind);
        desk.follow("Delete");
        assertThat(page.locator("h1")).containsText(SCRIPT);
        assertHarmless();
    }

    @Test
    void isShownAsTextInAccountsExtensionsAndTheAuditLog() {
        Page page = desk.page();
        desk.open("/accounts");
        desk.fill("id", SCRIPT);
        desk.fill("name", SCRIPT);
        desk.press("Create");
        assertThat(page.locator("[role=alert]")).isVisible();
        assertThat(page.locator("main [name=name]")).hasValue(SCRIPT);
        String id = customer.account() + "-hostile";
        desk.fill("id", id);
        desk.press("Create");
        desk.follow("Open the account");
        assertThat(page.locator("h1")).hasText(SCRIPT);
        desk.open("/accounts/" + id + "/license");
        desk.fill("note", SCRIPT);
        desk.press("Request an extension");
        assertThat(page.locator("#extensions")).containsText(SCRIPT);
        assertHarmless();
        desk.fill("from", SCRIPT);
        desk.fill("to", SCRIPT);
        desk.press("Move a seat");
        assertThat(page.locator("main [name=from]")).hasValue(SCRIPT);
        assertHarmless();
        desk.open("/accounts/" + id + "/import");
        desk.fill("lines", SCRIPT);
        desk.press("Import");
        assertThat(page.locator("#import-errors")).containsText("Line 1");
        desk.open("/operators");
        desk.fill("name", SCRIPT);
        desk.fill("password", "correct horse battery");
        desk.press("Create");
        assertThat(page.locator("main [name=name]")).hasValue(SCRIPT);
        assertHarmless();
        desk.open("/audit");
        desk.fill("account", SCRIPT);
        desk.fill("actor", SCRIPT);
        desk.press("Search");
        assertHarmless();
        desk.open("/audit?account=" + id);
        page.locator("details summary").first().click();
        assertHarmless();
    }

    @Test
    void ofTenThousandCharactersIsRefusedAndKept() {
        Page page = desk.page();
        String name = "🚀".repeat(5_000);
        for (String kind : List.of("api-keys", "static-tokens", "projects")) {
            desk.open(base() + "/new/" + kind);
            desk.fill("name", name);
            desk.press("Submit");
            assertThat(page.locator("main [role=alert]")).containsText("name must have 1 to 128 characters");
            assertThat(page.locator("main [name=name]")).hasValue(name);
        }
        desk.browser().look("name-too-long");
        assertHarmless();
    }

    @Test
    void canBeANameInAnyScript() {
        Page page = desk.page();
        for (String name : NAMES) {
            desk.open(base() + "/new/api-keys");
            desk.fill("name", name);
            desk.press("Submit");
            assertThat(page.locator("h1")).hasText(name.replaceAll("\\s+", " "));
            desk.follow("Modify");
            assertThat(page.locator("main [name=name]")).hasValue(name);
        }
        desk.open(base() + "/api-keys");
        desk.browser().look("names");
        assertHarmless();
    }

    @Test
    void isKeptThroughTheEndOfTheSession() {
        Page page = desk.page();
        desk.open(base() + "/new/static-tokens");
        String name = "Kept & <kept> 中文 " + customer.account();
        desk.fill("name", name);
        desk.fill("allowed_networks", "10.0.0.0/8");
        desk.press("Add a rule");
        assertThat(page.locator("fieldset.rule")).hasCount(2);
        page.locator("fieldset.rule").nth(1).getByLabel("DELETE").check();

        desk.browser().context().clearCookies();
        desk.press("Submit");
        assertThat(page.locator("main")).containsText("Your session has ended.");
        desk.browser().look("sign-in-kept");
        desk.fill("name", "nobody");
        desk.fill("password", "wrong");
        desk.press("Sign in");
        assertThat(page.locator("main [role=alert]")).hasText("Wrong name or password.");
        desk.signIn();
        desk.browser().look("kept");
        desk.press("Continue");
        assertThat(page.locator("main [name=name]")).hasValue(name);
        assertThat(page.locator("main [name=allowed_networks]")).hasValue("10.0.0.0/8");
        assertThat(page.locator("fieldset.rule")).hasCount(2);
        assertThat(page.locator("fieldset.rule").nth(1).getByLabel("DELETE")).isChecked();

        desk.browser().context().clearCookies();
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(Pattern.compile("Remove rule 2"))).click();
        assertThat(page.locator("main")).containsText("Your session has ended.");
        desk.signIn();
        desk.press("Continue");
        assertThat(page.locator("main [name=name]")).hasValue(name);
        desk.press("Submit");
        assertThat(page.locator("h1")).hasText(name);
        assertThat(customer.manage("GET", "/static-tokens?name=Kept", "").json().required("total_count").intValue())
                .isEqualTo(1);
    }

    @Test
    void isNotSavedByContinuing() {
        Page page = desk.page();
        String id = customer.make("/api-keys", "{\"name\":\"Stays\",\"permissions\":[]}").required("id").stringValue();
        desk.open(base() + "/api-keys/" + id + "/delete");
        desk.fill("name", "Stays");
        desk.browser().context().clearCookies();
        desk.press("Delete");
        desk.signIn();
        desk.press("Continue");
        assertThat(page.locator("h1")).containsText("Stays");
        assertThat(customer.manage("GET", "/api-keys/" + id, "").status()).isEqualTo(200);
    }
}
