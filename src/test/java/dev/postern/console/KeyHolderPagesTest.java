package dev.postern.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The key holder's page in the browser, on the public port. */
@OwnsItsGate
@Order(5)
class KeyHolderPagesTest {
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.console.key-holder-page-on-public-port=true");
    private static Customer customer;
    private static Desk desk;

    @BeforeAll
    static void open() {
        customer = GATE.newCustomer();
        customer.make("/devices", "{\"id\":\"lamp\",\"title\":\"Lamp in the hall\"}");
        customer.make("/devices", "{\"id\":\"pump\",\"title\":\"Pump in the cellar\"}");
        desk = Desk.ofKeyHolder(GATE.port(), customer.masterKey());
        desk.page().onDialog(Dialog::accept);
    }

    @AfterAll
    static void close() {
        desk.close();
        GATE.close();
        BACKEND.close();
    }

    private static JsonNode key(String id) {
        return customer.manage("GET", "/api-keys/" + id, "").json();
    }

    @Test
    void asksForTheMasterKey() {
        try (Browser browser = new Browser("http://127.0.0.1:" + GATE.port(), "zh-CN")) {
            Page page = browser.page();
            page.navigate("/me/api-keys");
            assertThat(page.locator("h1")).hasText("您账户的 API 密钥");
            browser.look("key-holder-sign-in-chinese");
            page.locator("a[lang=en]").click();
            assertThat(page.locator("h1")).hasText("The API keys of your account");
            page.locator("[name=master_key]").fill("wrong");
            page.keyboard().press("Enter");
            assertThat(page.locator("[role=alert]")).hasText("This is not a valid master key.");
            assertThat(page.locator("[name=master_key]")).hasValue("");
            browser.look("key-holder-sign-in");
            page.locator("[name=master_key]").fill(customer.masterKey());
            page.keyboard().press("Enter");
            assertThat(page.locator("h1")).hasText("API keys");
            assertThat(page.url()).endsWith("/me/api-keys");
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign out")).click();
            assertThat(page.locator("[name=master_key]")).isVisible();
            page.navigate("/me/api-keys");
            assertThat(page.locator("[name=master_key]")).isVisible();
            browser.assertNoFaults();
        }
    }

    @Test
    void hasTheLifeOfAKey() {
        Page page = desk.page();
        desk.open("/api-keys");
        desk.follow("New");
        desk.fill("name", "Key of the hall");
        page.locator("fieldset.rule input[type=search]").fill("Lamp");
        page.locator("fieldset.rule input[type=search]").press("Enter");
        page.locator(".found").getByLabel("Lamp in the hall").check();
        desk.fill("allowed_networks", "127.0.0.0/8");
        desk.browser().look("key-holder-form");
        desk.press("Submit");
        assertThat(page.locator("[role=status]")).hasText("The API key is created.");
        // Key holders do not see which gates there are.
        assertThat(page.locator(".receipt")).hasText("✓ Every gate has applied the change.");
        assertThat(page.locator("a[href^='/console']")).hasCount(0);
        String old = desk.secret();
        assertThat(GATE.call(old, "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(GATE.call(old, "GET", "/devices/pump").status()).isEqualTo(403);

        desk.follow("Modify");
        String id = desk.idOfPage();
        String end = Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.MINUTES).toString();
        desk.fill("expires_at", end.substring(0, 16));
        desk.press("Add a rule");
        assertThat(page.locator("fieldset.rule")).hasCount(2);
        page.locator("fieldset.rule").nth(1).locator("input[type=search]").fill("pump");
        page.locator("fieldset.rule").nth(1).getByRole(AriaRole.BUTTON,
                new com.microsoft.playwright.Locator.GetByRoleOptions().setName("Search")).click();
        page.locator(".found").getByLabel("Pump in the cellar").check();
        desk.browser().look("key-holder-edit");
        desk.press("Submit");
        assertThat(page.locator("[role=status]").first()).hasText("Saved.");
        assertThat(key(id).required("expires_at").stringValue()).isEqualTo(end);
        assertThat(GATE.call(old, "GET", "/devices/pump").status()).isEqualTo(200);

        desk.open("/api-keys/" + id);
        page.locator("select[name=overlap]").selectOption("P7D");
        desk.press("Make a new secret");
        assertThat(page.locator("[role=status]").first()).containsText("This is the new secret");
        String fresh = desk.secret();
        assertThat(fresh).isNotEqualTo(old);
        assertThat(GATE.call(fresh, "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(GATE.call(old, "GET", "/devices/pump").status()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(30)).until(() -> customer.manage("GET", "/api-keys/" + id + "/usage", "")
                .json().required("calls").intValue() == 4
                && key(id).required("rotation")
                        .required("devices_on_old_secret").size() == 1);
        desk.open("/api-keys/" + id);
        assertThat(page.locator("#rotation tbody")).containsText("pump");
        assertThat(page.locator("[data-chart=days] canvas")).isVisible();
        desk.lookInBothLanguages("key-holder-key");
        desk.press("Revoke the old secret");
        assertThat(page.locator("[role=status]").first()).containsText("The rotation has ended");
        assertThat(GATE.call(old, "GET", "/devices/pump").status()).isEqualTo(401);
        desk.follow("Show key");
        assertThat(desk.secret()).isEqualTo(fresh);

        desk.follow("Delete");
        desk.fill("name", "Key of the hall");
        desk.press("Delete");
        assertThat(page.locator("main")).containsText("is deleted");
        assertThat(GATE.call(fresh, "GET", "/devices/lamp").status()).isEqualTo(401);
        desk.browser().assertNoFaults();
    }

    @Test
    void findsKeysPageByPage() {
        Customer many = GATE.newCustomer();
        for (int i = 10; i < 32; i++) {
            many.newKey("[]");
        }
        many.make("/api-keys", "{\"name\":\"Needle\",\"permissions\":[]}");
        try (Desk holder = Desk.ofKeyHolder(GATE.port(), many.masterKey())) {
            Page page = holder.page();
            assertThat(page.locator("tbody tr")).hasCount(20);
            assertThat(page.locator("nav.pages")).containsText("23 in all");
            holder.follow("Next");
            assertThat(page.locator("tbody tr")).hasCount(3);
            page.locator("[name=q]").fill("Needle");
            assertThat(page.locator("tbody tr")).hasCount(1);
            holder.lookInBothLanguages("key-holder-keys");
            assertThat(page.locator("a[href^='/console']")).hasCount(0);
            holder.browser().assertNoFaults();
        }
    }

    @Test
    void keepsWhatWasTypedWhenTheSessionEnds() {
        Customer own = GATE.newCustomer();
        try (Desk holder = Desk.ofKeyHolder(GATE.port(), own.masterKey())) {
            Page page = holder.page();
            holder.open("/new/api-keys");
            holder.fill("name", "Typed before");
            String fresh = own.manage("POST", "/master-key", "").json().required("master_key").stringValue();
            holder.press("Submit");
            assertThat(page.locator("main")).containsText("You were signed out");
            assertThat(page.locator("main")).containsText("What you typed is kept.");
            holder.browser().look("key-holder-ended");
            page.locator("[name=master_key]").fill(fresh);
            page.keyboard().press("Enter");
            holder.press("Continue");
            assertThat(page.locator("main [name=name]")).hasValue("Typed before");
            assertThat(own.manage("GET", "/api-keys", "").json().required("total_count").intValue()).isZero();
            holder.press("Submit");
            assertThat(page.locator("h1")).hasText("Typed before");
            holder.browser().assertNoFaults();
        }
    }

    @Test
    void worksWithoutScriptsAndShowsHostileNamesAsText() {
        String script = "\"'><script>window.hacked=1</script>${7*7}[[${7*7}]]{0}";
        desk.open("/new/api-keys");
        desk.fill("name", script);
        desk.press("Submit");
        assertThat(desk.page().locator("h1")).hasText(script);
        assertThat(desk.page().evaluate("window.hacked === undefined")).isEqualTo(true);
        Page page = desk.browser().context().browser()
                .newContext(new com.microsoft.playwright.Browser.NewContextOptions().setJavaScriptEnabled(false)
                        .setBaseURL("http://127.0.0.1:" + GATE.port())
                        .setStorageState(desk.browser().context().storageState()))
                .newPage();
        page.navigate("/me/new/api-keys");
        page.locator("[name=name]").fill("By hand");
        page.locator("input[type=search]").fill("pump");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Search")).click();
        page.getByLabel("Pump in the cellar").check();
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Submit")).click();
        assertThat(page.locator("[role=status]")).hasText("The API key is created.");
        page.context().close();
    }
}
