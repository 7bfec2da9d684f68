package dev.postern.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import dev.postern.support.LicensedGate;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Export and import in the browser. */
@LongTest
@OwnsItsGate
class TransferPagesTest {
    private static final TestGate GATE = LicensedGate.start();
    private static Desk desk;

    @BeforeAll
    static void open() {
        desk = new Desk(GATE);
    }

    @AfterAll
    static void close() {
        desk.close();
        GATE.close();
    }

    private static String export() throws IOException {
        Download download = desk.page().waitForDownload(() -> desk.follow("Download the document"));
        return Files.readString(download.path());
    }

    private static Locator count(String what) {
        return desk.page().locator("[data-count=" + what + "]");
    }

    private static void choose(String mode, String document) {
        desk.page().locator("#transfer-file").setInputFiles(new FilePayload("account.ndjson", "application/x-ndjson",
                document.getBytes(StandardCharsets.UTF_8)));
        desk.page().locator("input[value=" + mode + "]").check();
        desk.press("Start");
    }

    @Test
    void takeAnAccountBackToWhatItWas() throws IOException {
        Page page = desk.page();
        Customer customer = GATE.newCustomer();
        customer.make("/projects", "{\"id\":\"plant\",\"name\":\"Plant\",\"devices\":[]}");
        customer.make("/users", "{\"id\":\"ursula\",\"name\":\"Ursula\",\"devices\":[]}");
        desk.open("/accounts/" + customer.account());
        desk.follow("Export and import");
        desk.lookInBothLanguages("transfer");
        String document = export();
        assertThat(document).startsWith("{\"kind\":\"header\"").contains("Ursula").endsWith("{\"kind\":\"end\"}\n");
        choose("diff", document);
        assertThat(page.locator("#transfer-result")).containsText("The document and the gate do not differ.");
        assertThat(count("lines")).hasText(Long.toString(document.lines().count()));

        customer.manage("DELETE", "/projects/plant", "");
        customer.manage("PUT", "/users/ursula", "{\"name\":\"<img src=x onerror=alert(1)>\",\"devices\":[]}");
        customer.make("/projects", "{\"id\":\"other\",\"name\":\"Other\",\"devices\":[]}");
        choose("diff", document.replace("{\"kind\":\"end\"}", "not JSON\n{\"kind\":\"end\"}"));
        assertThat(count("created")).hasText("1");
        assertThat(count("changed")).hasText("1");
        assertThat(count("deleted")).hasText("0");
        assertThat(count("refused")).hasText("1");
        assertThat(page.locator("#transfer-errors")).containsText(Long.toString(document.lines().count()));
        assertThat(page.locator("#transfer-changes")).containsText("ursula");
        assertThat(page.locator("#transfer-changes")).containsText("name");
        choose("diff", document);
        assertThat(count("deleted")).hasText("1");
        choose("dry_run", document);
        assertThat(page.locator("#transfer-result")).containsText("Rehearsed");
        assertThat(customer.manage("GET", "/projects/plant", "").status()).isEqualTo(404);

        choose("sync", document);
        assertThat(page.locator("#transfer-result .error")).containsText("Nothing was changed.");
        assertThat(customer.manage("GET", "/projects/other", "").status()).isEqualTo(200);
        desk.browser().look("transfer-confirm");
        desk.fill("confirm", customer.account());
        desk.press("Start");
        assertThat(page.locator("#transfer-result")).containsText("Synchronized");
        assertThat(page.locator("#transfer-changes")).containsText("other");
        assertThat(customer.manage("GET", "/projects/other", "").status()).isEqualTo(404);
        assertThat(customer.manage("GET", "/projects/plant", "").status()).isEqualTo(200);
        desk.browser().look("transfer-synchronized");
        desk.browser().assertNoFaults();
    }

    @Test
    void takeALargeDocumentAndPastedLines() throws IOException {
        Page page = desk.page();
        Customer customer = GATE.newCustomer();
        desk.open("/accounts/" + customer.account() + "/transfer");
        String document = export();
        StringBuilder devices = new StringBuilder();
        for (int number = 0; number < 25_000; number++) {
            devices.append("{\"kind\":\"user\",\"account\":\"").append(customer.account()).append("\",\"id\":\"u")
                    .append(number).append("\",\"name\":\"A user with a name of some length\",\"devices\":[]}\n");
        }
        choose("diff", document.replace("{\"kind\":\"end\"}", devices + "{\"kind\":\"end\"}"));
        assertThat(count("created")).hasText("25000",
                new com.microsoft.playwright.assertions.LocatorAssertions.HasTextOptions().setTimeout(60_000));
        assertThat(page.locator("#transfer-changes tbody tr")).hasCount(1000);
        assertThat(page.locator("#transfer-result")).containsText("And 24,000 more");

        page.reload();
        page.locator("details summary").click();
        desk.fill("document", document);
        desk.press("Start");
        assertThat(page.locator("#transfer-result")).containsText("The document and the gate do not differ.");
        desk.fill("document", "nonsense");
        desk.press("Start");
        assertThat(page.locator("#transfer-result .error")).isVisible();
        assertThat(page.locator("main [name=document]")).hasValue("nonsense");
        desk.browser().look("transfer-pasted");
        desk.browser().assertNoFaults();
    }

    @Test
    void areForAdministratorsOnly() {
        desk.open("/accounts");
        desk.follow("Export and import");
        desk.browser().look("transfer-all");
        assertThat(GATE.operate("POST", "/api/v1/operators",
                "{\"name\":\"transfer-editor\",\"role\":\"editor\",\"password\":\"" + Desk.PASSWORD + "\"}").status())
                .isEqualTo(201);
        try (var context = desk.browser().context().browser()
                .newContext(new com.microsoft.playwright.Browser.NewContextOptions()
                        .setBaseURL("http://127.0.0.1:" + GATE.managementPort()))) {
            Page page = context.newPage();
            page.navigate("/console/sign-in?next=/console/transfer");
            page.locator("main [name=name]").fill("transfer-editor");
            page.locator("main [name=password]").fill(Desk.PASSWORD);
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign in")).click();
            assertThat(page.locator("main")).containsText("Your role does not permit this.");
            assertThat(page.request().get("/console/transfer/export").status()).isEqualTo(403);
        } finally {
            GATE.operate("DELETE", "/api/v1/operators/transfer-editor", "");
        }
    }
}
