package dev.postern.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.postern.operator.FirstOperator;
import dev.postern.support.ClientTokens;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The console in a browser: from the link of the first operator to an allowed call, and the life of a token of each
 * kind.
 */
@OwnsItsGate
@LongTest
@Order(2)
class TokenFlowsTest {
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address());

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.close();
    }

    private static void press(Page page, String button) {
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(button).setExact(true)).click();
    }

    private static void follow(Page page, String link) {
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(link).setExact(true)).first().click();
    }

    private static void fill(Page page, String name, String value) {
        page.locator("main [name='" + name + "']").fill(value);
    }

    private static String secret(Page page) {
        return page.locator("#secret").inputValue();
    }

    @Test
    void leadFromTheFirstOperatorToAnAllowedCall() throws Exception {
        try (Browser browser = new Browser("http://127.0.0.1:" + GATE.managementPort(), "en")) {
            Page page = browser.page();
            String code = openSetup(page);
            browser.look("setup");
            fill(page, "name", "ada");
            fill(page, "password", "correct horse battery");
            press(page, "Create and sign in");
            assertThat(page).hasURL(Pattern.compile("/console/$"));
            browser.look("overview-empty");
            page.navigate("/console/setup?code=" + code);
            assertThat(page.locator("main")).containsText("This link is not valid");

            follow(page, "To the overview");
            follow(page, "Accounts");
            browser.look("accounts-empty");
            fill(page, "id", "acme");
            fill(page, "name", "Acme Lamps");
            press(page, "Create");
            browser.look("account-created");
            follow(page, "Open the account");
            browser.look("account");
            follow(page, "Add a device");
            fill(page, "id", "lamp");
            fill(page, "title", "Lamp in the hall");
            press(page, "Submit");
            for (String[] group : new String[][]{{"Projects", "Plant"}, {"Users", "Ursula"}}) {
                follow(page, group[0]);
                follow(page, "New");
                fill(page, "id", group[1].toLowerCase(Locale.ROOT));
                fill(page, "name", group[1]);
                fill(page, "devices", "lamp");
                press(page, "Submit");
            }
            rsaTokens(browser);
            jwtTokens(browser);
            otherPages(browser);
            browser.assertNoFaults();
        }
    }

    /**
     * At its start, the gate makes a link, too. If it does so after this method makes its first link, that link no
     * longer works.
     */
    private static String openSetup(Page page) {
        FirstOperator first = GATE.context().getBean(FirstOperator.class);
        return await().pollInSameThread().atMost(Duration.ofSeconds(20)).until(() -> {
            String code = first.offer().blockOptional().orElseThrow();
            page.navigate("/console/setup?code=" + code);
            return code;
        }, _ -> page.locator("main [name='name']").isVisible());
    }

    private static void rsaTokens(Browser browser) throws Exception {
        Page page = browser.page();
        follow(page, "Tokens");
        browser.look("rsa-tokens-empty");
        follow(page, "New");
        browser.look("rsa-token-form");
        fill(page, "name", "Token of Zoë");
        page.locator("input[name=apis][value=devices]").check();
        page.getByLabel("Plant").check();
        press(page, "Submit");
        browser.look("rsa-token-issued");
        JsonNode file = download(page, "Download token file");
        assertThat(file.required("name").stringValue()).isEqualTo("Token of Zoë");
        assertThat(callWith(ClientTokens.encrypted(file, ""))).isEqualTo(200);

        follow(page, "Return to list");
        browser.look("rsa-tokens");
        assertThat(download(page, "Download").required("key")).isEqualTo(file.required("key"));
        page.locator("input[name=q]").fill("nothing like it");
        assertThat(page.locator("#rows")).containsText("Nothing is similar");
        page.locator("input[name=q]").fill("Token of Zoe");
        page.locator("input[name=q]").press("Enter");
        assertThat(page.locator("#rows")).containsText("Token of Zoë");

        follow(page, "Modify");
        rename(page, "Token of Xenia");
        fill(page, "name", "Token of Yves");
        press(page, "Submit");
        assertThat(page.locator("main [role=alert]")).containsText("Token of Xenia");
        assertThat(page.locator("main [name=name]")).hasValue("Token of Yves");
        browser.look("conflict");
        press(page, "Submit");
        assertThat(page.locator("[role=status]")).hasText("Saved.");
        delete(browser, "Token of Yves");
    }

    private static int callWith(String token) {
        return RawHttp.call(GATE.port(), "GET", "/devices/lamp", "", "Authorization: Bearer " + token).status();
    }

    /** Renames the token of the page, as somebody else may do meanwhile. */
    private static void rename(Page page, String name) {
        String path = page.url().replaceAll(".*/console(.*)/edit", "/api/v1$1");
        assertThat(GATE.operate("PUT", path,
                "{\"name\":\"" + name + "\",\"apis\":[\"devices\"],\"projects\":[\"plant\"]}").status())
                .isEqualTo(200);
    }

    private static JsonNode download(Page page, String link) throws Exception {
        Download download = page.waitForDownload(() -> follow(page, link));
        assertThat(download.suggestedFilename()).endsWith(".json");
        return JsonMapper.shared().readTree(Files.readString(download.path()));
    }

    private static void jwtTokens(Browser browser) {
        Page page = browser.page();
        follow(page, "Tokens");
        follow(page, "JWT tokens");
        browser.look("jwt-tokens-empty");
        follow(page, "New");
        fill(page, "name", "JWT of Zoë");
        page.locator("input[name=apis][value=devices]").check();
        page.getByLabel("Ursula").check();
        press(page, "Submit");
        browser.look("jwt-token-issued");
        JsonNode token = JsonMapper.shared().createObjectNode().put("secret", secret(page)).put("secret_id",
                page.locator("dl.facts dt:text-is('Secret ID') + dd").innerText());
        assertThat(callWith(ClientTokens.signed(token, ClientTokens.claims("\"sub\":\"ursula\"")))).isEqualTo(200);
        follow(page, "Return to list");
        follow(page, "View");
        assertThat(page.locator("#secret")).isVisible();

        follow(page, "Return to list");
        follow(page, "Copy");
        assertThat(page.locator("td.actions [data-copy-from]")).hasText("Copied");
        assertThat(copied(browser)).isEqualTo(token.required("secret").stringValue());
        browser.look("jwt-token-copied");
        follow(page, "Modify");
        fill(page, "name", "JWT of Xenia");
        press(page, "Submit");
        assertThat(page.locator("[role=status]").first()).hasText("Saved.");
        press(page, "Copy secret");
        assertThat(copied(browser)).isEqualTo(token.required("secret").stringValue());
        assertThat(callWith(ClientTokens.signed(token, ClientTokens.claims("\"sub\":\"ursula\"")))).isEqualTo(200);
        delete(browser, "JWT of Xenia");
    }

    /** Returns the text on the clipboard, and empties the clipboard. */
    private static String copied(Browser browser) {
        browser.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        Object text = browser.page().evaluate("navigator.clipboard.readText()");
        browser.page().evaluate("navigator.clipboard.writeText('')");
        return String.valueOf(text);
    }

    private static void delete(Browser browser, String name) {
        Page page = browser.page();
        follow(page, "Delete");
        browser.look("delete");
        fill(page, "name", "something else");
        press(page, "Delete");
        assertThat(page.locator("[role=alert]")).containsText("Nothing was deleted");
        fill(page, "name", name);
        press(page, "Delete");
        assertThat(page.locator("main")).containsText("Every gate has applied the change");
        browser.look("deleted");
    }

    private static void otherPages(Browser browser) {
        Page page = browser.page();
        for (String section : new String[]{"Overview", "Gates", "Operators", "Audit", "Accounts"}) {
            follow(page, section);
            browser.look(section.toLowerCase(Locale.ROOT));
        }
        follow(page, "中文");
        browser.look("accounts-chinese");
        follow(page, "概览");
        browser.look("overview-chinese");
        follow(page, "English");
        press(page, "Sign out");
        browser.look("sign-in");
        fill(page, "name", "ada");
        fill(page, "password", "wrong");
        press(page, "Sign in");
        assertThat(page.locator("[role=alert]")).hasText("Wrong name or password.");
    }
}
