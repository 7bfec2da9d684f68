package dev.postern.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import dev.postern.support.CabledGates;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestGate.Customer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * After each change, the console shows which gates have applied it. The desk is at one of two gates; the other one can
 * be cut off.
 */
@LongTest
@OwnsItsGate
@Order(4)
class ReceiptPagesTest {
    private static final String COMPLETE = "Every gate has applied the change.";
    private static final String INCOMPLETE = "1 of 2 gates have applied the change. Still missing: ";
    private static final CabledGates GATES = new CabledGates();
    private static Desk desk;

    @BeforeAll
    static void open() {
        desk = new Desk(GATES.one);
        desk.page().onDialog(Dialog::accept);
    }

    @AfterAll
    static void close() {
        try (GATES) {
            desk.close();
        }
    }

    @AfterEach
    void mend() {
        GATES.cable.mend();
        awaitBoth();
    }

    private static void awaitBoth() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(
                () -> assertThat(GATES.states()).containsExactly("live", "live"));
    }

    private static Locator sum() {
        return desk.page().locator("#receipt-sum");
    }

    private static Locator gates(String state) {
        return desk.page().locator("#receipt-gates li." + state);
    }

    private static void assertArrived(String change) {
        assertThat(sum()).containsText(COMPLETE);
        assertThat(gates("applied").all()).as(change).hasSize(2);
        assertThat(desk.page().locator("#receipt-gates [hx-trigger], #receipt-gates[hx-trigger]").all())
                .as("what asks again after %s", change).isEmpty();
    }

    private static void assertSaved(String change) {
        assertThat(desk.page().locator("main [role=status]").first()).isVisible();
        assertArrived(change);
    }

    /** A token whose networks are narrowed while the other gate is cut off. */
    private static void narrowAToken(Customer customer) {
        String id = customer.make("/static-tokens", "{\"name\":\"Narrowed in " + customer.account() + "\"}")
                .required("id").stringValue();
        desk.open("/accounts/" + customer.account() + "/static-tokens/" + id + "/edit");
        desk.fill("allowed_networks", "10.0.0.0/8");
        GATES.cable.cut();
        desk.press("Submit");
    }

    @Test
    void showEachGateAsItAppliesTheChange() {
        Page page = desk.page();
        narrowAToken(GATES.one.newCustomer());

        assertThat(page.locator("[role=status]")).hasText("Saved.");
        assertThat(sum()).containsText(INCOMPLETE);
        assertThat(gates("applied")).containsText("has applied it");
        assertThat(gates("unreachable")).containsText("is cut off; may decide without the change until 20");
        assertThat(sum()).hasAttribute("aria-live", "polite");
        assertThat(page.locator("#receipt-gates")).containsText("This page looks again every two seconds.");
        desk.browser().look("receipt-cut-off");
        String address = page.url();

        GATES.cable.mend();

        assertThat(sum()).containsText(COMPLETE);
        assertArrived("a change that one gate did not know");
        assertThat(page.locator("#receipt-again")).hasCount(0);
        assertThat(page.url()).isEqualTo(address);
        assertThat(page.locator("[role=status]")).hasText("Saved.");
        desk.browser().look("receipt-arrived");
        desk.browser().assertNoFaults();
    }

    @Test
    void canBeLookedAtAgainInBothLanguages() {
        Page page = desk.page();
        narrowAToken(GATES.one.newCustomer());
        assertThat(gates("unreachable")).isVisible();
        page.locator("#receipt-again").click();
        assertThat(page).hasURL(Pattern.compile("/console/receipts/[0-9a-f]+-[0-9]+$"));
        assertThat(page.locator("h1")).hasText("Receipt");
        assertThat(sum()).containsText(INCOMPLETE);
        desk.lookInBothLanguages("receipt");
        String receipt = page.url();
        page.navigate("/console/language?tag=zh-CN");
        page.navigate(receipt);
        assertThat(sum()).containsText("2 个网关中有 1 个已应用此更改，尚缺：");
        assertThat(gates("unreachable")).containsText("失去联系");
        page.navigate("/console/language?tag=en");
        page.navigate(receipt + "?until=1");
        assertThat(page.locator("#receipt-gates")).containsText("This page no longer looks again by itself.");
        assertThat(page.locator("#receipt-gates").getAttribute("hx-trigger")).isNull();
        page.navigate(receipt);

        GATES.cable.mend();

        assertThat(sum()).containsText(COMPLETE);
        assertThat(page.navigate(receipt.replaceFirst("-\\d+$", "-999999999")).status()).isEqualTo(404);
        assertThat(sum()).containsText("It is unknown which gates have applied the change.");
    }

    @Test
    void sayThatTheyAreOutOfDateWhileTheConsoleDoesNotAnswer() {
        narrowAToken(GATES.one.newCustomer());
        assertThat(gates("unreachable")).isVisible();
        String receipt = desk.page().locator("#receipt-again").getAttribute("href");
        // A separate page, because the browser of this test reports a fault if a page cannot load something.
        Page page = desk.browser().context().newPage();
        page.navigate(receipt);
        assertThat(page.locator("#receipt-lost")).isHidden();
        page.route("**/console/receipts/**", Route::abort);
        assertThat(page.locator("#receipt-lost")).hasText(
                "The console does not answer at the moment; this may be out of date.");
        assertThat(page.locator("#receipt-lost")).isVisible();
        assertAsksNotForEver(receipt);
        GATES.cable.mend();
        page.unroute("**/console/receipts/**");
        assertThat(page.locator("#receipt-sum")).containsText(COMPLETE);
        assertThat(page.locator("#receipt-lost")).isHidden();
        page.close();
    }

    /** If the console does not answer, it cannot tell the page to stop, so the page must stop by itself. */
    private static void assertAsksNotForEver(String receipt) {
        try (BrowserContext context = another(true)) {
            Page page = context.newPage();
            page.clock().install();
            page.navigate(receipt);
            AtomicInteger asked = new AtomicInteger();
            page.route("**/console/receipts/**", route -> {
                asked.incrementAndGet();
                route.abort();
            });
            page.waitForCondition(() -> asked.get() > 0);
            int early = asked.get();
            page.clock().runFor(20_000);
            page.waitForCondition(() -> asked.get() > early);
            page.clock().fastForward(400_000);
            page.clock().runFor(10_000);
            int last = asked.get();
            page.clock().runFor(60_000);
            assertThat(asked.get()).as("how often the page asked").isEqualTo(last);
            assertThat(page.locator("#receipt-lost")).isVisible();
        }
    }

    /** A browser with a clock of its own, in which the same operator is signed in. */
    private static BrowserContext another(boolean scripts) {
        return desk.browser().context().browser()
                .newContext(new com.microsoft.playwright.Browser.NewContextOptions().setJavaScriptEnabled(scripts)
                        .setBaseURL("http://127.0.0.1:" + GATES.one.managementPort())
                        .setStorageState(desk.browser().context().storageState()));
    }

    @Test
    void canBeReadWithoutScripts() {
        Customer customer = GATES.one.newCustomer();
        String id = customer.make("/projects", "{\"name\":\"Plant\",\"devices\":[]}").required("id").stringValue();
        try (BrowserContext context = another(false)) {
            Page page = context.newPage();
            page.navigate("/console/accounts/" + customer.account() + "/projects/" + id + "/delete");
            page.locator("main [name=name]").fill("Plant");
            GATES.cable.cut();
            page.locator("main").getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Delete")).click();
            assertThat(page.locator("h1")).hasText("Deleted");
            assertThat(page.locator("#receipt-sum")).containsText(INCOMPLETE);
            page.locator("#receipt-again").click();
            assertThat(page.locator("#receipt-sum")).containsText(INCOMPLETE);
            assertThat(page.getByText("This page looks again every two seconds.")).isHidden();
            GATES.cable.mend();
            awaitBoth();
            page.locator("#receipt-again").click();
            assertThat(page.locator("#receipt-sum")).containsText(COMPLETE);
        }
    }

    @Test
    void areShownAfterEachChangeOfACredential() {
        Customer customer = GATES.one.newCustomer();
        for (String kind : new String[]{"static-tokens", "api-keys", "applications", "jwt-tokens", "rsa-tokens"}) {
            String groups = kind.equals("jwt-tokens") ? "users" : "projects";
            JsonNode made = customer.make("/" + kind, "{\"name\":\"Changed " + kind + " " + customer.account() + "\""
                    + switch (kind) {
                        case "api-keys" -> ",\"permissions\":[]}";
                        case "applications" -> ",\"kind\":\"software\"}";
                        case "static-tokens" -> "}";
                        default -> ",\"apis\":[],\"" + groups + "\":[]}";
                    });
            String path = "/accounts/" + customer.account() + "/" + kind + "/" + made.required("id").stringValue();
            desk.open(path + "/edit");
            desk.fill("expires_at", "2999-01-31T08:00");
            desk.press("Submit");
            assertSaved("an earlier end of " + kind);
            if (!kind.equals("rsa-tokens")) {
                desk.press("Make a new secret");
                assertSaved("a rotation of " + kind);
                desk.press("Revoke the old secret");
                assertSaved("the end of a rotation of " + kind);
            }
            desk.open(path + "/delete");
            desk.fill("name", made.required("name").stringValue());
            desk.press("Delete");
            assertSaved("the deletion of " + kind);
        }
        desk.browser().assertNoFaults();
    }

    @Test
    void areShownAfterEachChangeOfAnAccount() {
        Page page = desk.page();
        Customer customer = GATES.one.newCustomer();
        String base = "/accounts/" + customer.account();
        String lamp = "lamp-" + customer.account();
        customer.make("/devices", "{\"id\":\"" + lamp + "\",\"title\":\"Lamp\"}");
        customer.make("/projects", "{\"id\":\"plant\",\"name\":\"Plant\",\"devices\":[\"" + lamp + "\"]}");
        customer.make("/users", "{\"id\":\"ursula\",\"name\":\"Ursula\",\"devices\":[\"" + lamp + "\"]}");
        for (String group : new String[]{"/projects/plant", "/users/ursula"}) {
            desk.open(base + group + "/edit");
            desk.fill("devices", "");
            desk.press("Submit");
            assertSaved("a device removed from " + group);
        }
        String document = customer.manage("GET", "/export", "").text();
        customer.make("/projects", "{\"id\":\"surplus\",\"name\":\"Surplus\",\"devices\":[]}");
        desk.open(base + "/transfer");
        page.locator("#transfer-file").setInputFiles(new FilePayload("account.ndjson", "application/x-ndjson",
                document.getBytes(StandardCharsets.UTF_8)));
        page.locator("input[value=sync]").check();
        desk.fill("confirm", customer.account());
        desk.press("Start");
        assertThat(page.locator("#transfer-result")).containsText("Synchronized");
        assertArrived("a synchronization");
        page.locator("input[value=diff]").check();
        desk.press("Start");
        assertThat(page.locator("#transfer-result")).containsText("The document and the gate do not differ.");
        assertThat(page.locator("#receipt")).hasCount(0);

        desk.open(base + "/license");
        page.locator("select[name=plan]").selectOption("paid");
        desk.fill("seats", "1");
        desk.press("Save");
        assertArrived("a change of the license");
        assertThat(page).hasURL(Pattern.compile("/license\\?change=[0-9a-f]+-[0-9]+$"));
        desk.open(base + "/devices/" + lamp + "/delete");
        assertThat(page.locator("#receipt")).hasCount(0);
        desk.fill("name", "Lamp");
        desk.press("Delete");
        assertSaved("the deletion of a device");
        desk.browser().assertNoFaults();
    }
}
