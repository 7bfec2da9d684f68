package dev.postern.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import dev.postern.support.LicensedGate;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Devices and licenses in the browser: the import, the license and its forecast, extensions, the ledger, the overview.
 */
@LongTest
@OwnsItsGate
class LicensePagesTest {
    private static final TestGate GATE = LicensedGate.start();
    private static Desk desk;

    @BeforeAll
    static void open() {
        desk = new Desk(GATE);
        desk.page().onDialog(Dialog::accept);
    }

    @AfterAll
    static void close() {
        desk.close();
        GATE.close();
    }

    private static String base(Customer customer) {
        return "/accounts/" + customer.account();
    }

    /** A device belongs to one account of the gate. */
    private static String own(Customer customer, String device) {
        return device + "-" + customer.account();
    }

    @Test
    void importAFileAndShowHowFarItIs() {
        Page page = desk.page();
        Customer customer = GATE.newCustomer();
        customer.make("/projects", "{\"id\":\"plant\",\"name\":\"Plant\",\"devices\":[]}");
        desk.open(base(customer) + "/devices");
        desk.browser().look("devices-empty");
        desk.follow("Import devices");
        desk.lookInBothLanguages("import-empty");
        // More than one part, with characters of several bytes where parts are cut.
        String file = IntStream.range(0, 20_000)
                .mapToObj(number -> own(customer, "d" + number) + ", Lampe für die Tür " + number
                        + (number == 7 ? ", plant" : ""))
                .collect(Collectors.joining("\n")) + "\nnot an id!\n{\"id\":\"" + own(customer, "json")
                + "\",\"title\":\"As JSON\"}\n"
                + own(customer, "d1");
        page.locator("#import-file").setInputFiles(new FilePayload("devices.csv", "text/csv",
                file.getBytes(StandardCharsets.UTF_8)));
        desk.press("Import");
        assertThat(page.locator("#import-text")).hasText("Finished.",
                new com.microsoft.playwright.assertions.LocatorAssertions.HasTextOptions().setTimeout(60_000));
        assertThat(page.locator("[data-tally=lines]")).hasText("20003");
        assertThat(page.locator("[data-tally=added]")).hasText("20001");
        assertThat(page.locator("[data-tally=already_there]")).hasText("1");
        assertThat(page.locator("[data-tally=refused]")).hasText("1");
        assertThat(page.locator("#import-errors")).containsText("Line 20001:");
        desk.browser().look("import");
        assertThat(
                customer.manage("GET", "/devices/" + own(customer, "d7"), "").json().required("project").stringValue())
                .isEqualTo("plant");
        assertThat(customer.manage("GET", "/devices/" + own(customer, "d19999"), "").json().required("title")
                .stringValue())
                .isEqualTo("Lampe für die Tür 19999");

        desk.follow("Return to list");
        desk.follow("Waiting for a seat");
        assertThat(page.locator("#rows td.seat").first()).containsText("no");
        desk.lookInBothLanguages("devices-waiting");
        await().atMost(Duration.ofSeconds(30)).until(() -> GATE.operate("GET", "/api/v1/overview", "").text()
                .contains(customer.account()));
        customer.make("/api-keys", "{\"name\":\"Ends soon\",\"permissions\":[],\"expires_at\":\""
                + LicensedGate.clock(GATE).instant().plus(Duration.ofDays(3)) + "\"}");
        await().atMost(Duration.ofSeconds(30)).until(() -> GATE.operate("GET", "/api/v1/overview", "").text()
                .contains("Ends soon"));
        desk.open("/");
        assertThat(page.locator("#near")).containsText(customer.account());
        assertThat(page.locator("#expiring")).containsText("Ends soon");
        desk.lookInBothLanguages("overview-attention");
        desk.follow("Ends soon");
        assertThat(page.locator("h1")).hasText("Ends soon");
        desk.browser().assertNoFaults();
    }

    @Test
    void showTheLicenseWithItsForecastExtensionsAndLedger() {
        Page page = desk.page();
        Customer customer = GATE.newCustomer();
        desk.open(base(customer) + "/license");
        desk.browser().look("license-empty");
        desk.fill("note", "Please, for the new hall");
        desk.press("Request an extension");
        assertThat(page.locator("#extensions")).containsText("Please, for the new hall");
        desk.press("Approve");
        assertThat(page.locator("#extensions")).containsText("approved");

        page.locator("select[name=plan]").selectOption("paid");
        desk.fill("seats", "10");
        desk.press("Save");
        assertThat(page.locator(".cards")).containsText("0 / 10");
        for (int number = 0; number < 4; number++) {
            customer.make("/devices", "{\"id\":\"" + own(customer, "s" + number) + "\",\"title\":\"S\"}");
        }
        desk.open(base(customer) + "/license");
        assertThat(page.locator("[data-chart=seats] canvas")).isVisible();
        assertThat(page.locator(".cards")).containsText("the last seat will be taken");
        desk.lookInBothLanguages("license");

        customer.manage("PUT", "/license", "{\"seats\":12}");
        desk.fill("seats", "3");
        desk.press("Save");
        assertThat(page.locator("[role=alert]")).containsText("Somebody else changed the license");
        assertThat(page.locator("main [name=seats]")).hasValue("3");
        assertThat(page.locator(".cards")).containsText("4 / 12");
        desk.browser().look("license-conflict");
        desk.press("Save");
        assertThat(page.locator(".cards")).containsText("3 / 3");
        desk.fill("from", own(customer, "s0"));
        desk.fill("to", own(customer, "s3"));
        desk.press("Move a seat");
        desk.fill("from", own(customer, "s0"));
        desk.fill("to", own(customer, "s3"));
        desk.press("Move a seat");
        assertThat(page.locator("[role=alert]")).containsText("has no seat to give");
        assertThat(page.locator("main [name=from]")).hasValue(own(customer, "s0"));

        desk.follow("Ledger");
        assertThat(page.locator("tbody tr").first()).containsText(own(customer, "s0") + " → " + own(customer, "s3"));
        desk.lookInBothLanguages("ledger");
        desk.browser().assertNoFaults();
    }

    @Test
    void keepTheEndOfALicenseThatNobodyChanged() {
        Customer customer = GATE.newCustomer();
        var before = customer.manage("GET", "/license", "").json();
        desk.open(base(customer) + "/license");
        desk.page().locator("form.boxed").first().getByRole(AriaRole.CHECKBOX, new Locator.GetByRoleOptions()
                .setName("Enforced")).uncheck();
        desk.press("Save");
        assertThat(desk.page().locator(".cards")).containsText("not enforced");
        var after = customer.manage("GET", "/license", "").json();
        assertThat(after.required("valid_from")).isEqualTo(before.required("valid_from"));
        assertThat(after.required("valid_until")).isEqualTo(before.required("valid_until"));
    }

    @Test
    void importLinesWithoutScripts() {
        Customer customer = GATE.newCustomer();
        var context = desk.browser().context().browser()
                .newContext(new com.microsoft.playwright.Browser.NewContextOptions().setJavaScriptEnabled(false)
                        .setBaseURL("http://127.0.0.1:" + GATE.managementPort())
                        .setStorageState(desk.browser().context().storageState()));
        Page page = context.newPage();
        page.navigate("/console" + base(customer) + "/import");
        page.locator("[name=lines]").fill(own(customer, "one") + "\n" + own(customer, "two") + "; Two\n!");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Import")).click();
        assertThat(page.locator("[data-tally=added]")).hasText("2");
        assertThat(page.locator("#import-errors")).containsText("Line 3:");
        context.close();
    }
}
