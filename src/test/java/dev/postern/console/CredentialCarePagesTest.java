package dev.postern.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import dev.postern.support.LicensedGate;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.nio.file.Files;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Limits, use and rotation of credentials in the browser, and the check of their names. */
@LongTest
@OwnsItsGate
class CredentialCarePagesTest {
    private static final TestGate GATE = LicensedGate.start();
    private static Desk desk;
    private static Customer customer;

    @BeforeAll
    static void open() {
        desk = new Desk(GATE);
        desk.page().onDialog(Dialog::accept);
        customer = GATE.newCustomer();
        customer.make("/devices", "{\"id\":\"care-lamp\",\"title\":\"Lamp in the hall\"}");
        customer.make("/devices", "{\"id\":\"care-pump\",\"title\":\"Pump in the cellar\"}");
        customer.make("/devices", "{\"id\":\"care-fan\",\"title\":\"Fan on the roof\"}");
        customer.make("/projects", "{\"id\":\"plant\",\"name\":\"Plant\",\"devices\":[\"care-lamp\",\"care-pump\"]}");
        customer.make("/users", "{\"id\":\"ursula\",\"name\":\"Ursula\",\"devices\":[\"care-lamp\"]}");
    }

    @AfterAll
    static void close() {
        desk.close();
        GATE.close();
    }

    private static void open(String rest) {
        desk.open("/accounts/" + customer.account() + rest);
    }

    private static String inADay() {
        return LicensedGate.clock(GATE).instant().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.MINUTES).toString();
    }

    @ParameterizedTest
    @CsvSource({"static-tokens, ''", "applications, ''", "api-keys, ''", "rsa-tokens, projects", "jwt-tokens, users"})
    void haveLimitsThatCanBeSetAndLifted(String kind, String groups) {
        Page page = desk.page();
        open("/new/" + kind);
        String name = "Limited " + kind + " of " + customer.account();
        desk.fill("name", name);
        if (!groups.isEmpty()) {
            page.locator("input[name=apis]").first().check();
            page.locator("input[name=" + groups + "]").first().check();
        }
        String end = inADay();
        desk.fill("expires_at", end.substring(0, 16));
        desk.fill("allowed_networks", "10.0.0.0/8\n2001:db8::/32");
        desk.press("Submit");
        assertThat(page.locator("main [role=status]")).isVisible();
        assertThat(page.locator("dl.facts")).containsText("2001:db8::/32");
        desk.follow("Modify");
        String id = desk.idOfPage();
        JsonNode made = customer.manage("GET", "/" + kind + "/" + id, "").json();
        assertThat(made.required("expires_at").stringValue()).isEqualTo(end);
        assertThat(made.required("allowed_networks")).hasSize(2);

        assertThat(page.locator("main [name=expires_at]")).hasValue(end.substring(0, 16));
        desk.fill("allowed_networks", "10.0.0.0/33");
        desk.press("Submit");
        assertThat(page.locator("main [role=alert]")).containsText("allowed_networks[0]");
        assertThat(page.locator("main [name=allowed_networks]")).hasValue("10.0.0.0/33");
        desk.fill("allowed_networks", "");
        desk.fill("expires_at", "");
        desk.press("Submit");
        assertThat(page.locator("[role=status]").first()).hasText("Saved.");
        JsonNode lifted = customer.manage("GET", "/" + kind + "/" + id, "").json();
        assertThat(lifted.required("expires_at").isNull()).isTrue();
        assertThat(lifted.required("allowed_networks")).isEmpty();
        desk.browser().assertNoFaults();
    }

    @Test
    void showTheirUseAndTheDevicesThatStillUseTheOldSecret() throws Exception {
        Page page = desk.page();
        String name = "Rotated in " + customer.account();
        JsonNode made = customer.make("/static-tokens", "{\"name\":\"" + name + "\"}");
        String id = made.required("id").stringValue();
        String old = made.required("token").stringValue();
        open("/static-tokens/" + id);
        assertThat(page.locator("main")).containsText("It was not used in the last 30 days.");
        assertThat(GATE.call(old, "GET", "/devices/care-lamp").status()).isEqualTo(200);
        awaitCalls(id, 1);

        open("/static-tokens/" + id);
        assertThat(page.locator("[data-chart=days] canvas")).isVisible();
        page.locator("select[name=overlap]").selectOption("P7D");
        desk.press("Make a new secret");
        assertThat(page.locator("[role=status]").first()).containsText("This is the new secret");
        String fresh = desk.secret();
        assertThat(fresh).isNotEqualTo(old);
        Download download = page.waitForDownload(() -> desk.press("Download"));
        assertThat(Files.readString(download.path())).isEqualTo(fresh + "\n");
        assertThat(page.locator("#rotation")).containsText("No device was called with the old secret");
        assertThat(GATE.call(fresh, "GET", "/devices/care-lamp").status()).isEqualTo(200);
        assertThat(GATE.call(old, "GET", "/devices/care-pump").status()).isEqualTo(200);
        awaitCalls(id, 3);

        open("/static-tokens/" + id);
        assertThat(page.locator("#rotation tbody")).containsText("care-pump");
        assertThat(page.locator("#rotation tbody")).not().containsText("care-lamp");
        desk.lookInBothLanguages("credential-rotation");
        desk.press("Revoke the old secret");
        assertThat(page.locator("[role=status]").first()).containsText("The rotation has ended");
        assertThat(GATE.call(old, "GET", "/devices/care-pump").status()).isEqualTo(401);
        assertThat(GATE.call(fresh, "GET", "/devices/care-pump").status()).isEqualTo(200);
        desk.browser().look("credential");
        desk.browser().assertNoFaults();
    }

    private static void awaitCalls(String id, int calls) {
        await().atMost(Duration.ofSeconds(30)).until(() -> customer.manage("GET", "/static-tokens/" + id + "/usage", "")
                .json().required("calls").intValue() == calls);
        await().atMost(Duration.ofSeconds(30)).until(() -> !customer.manage("GET", "/static-tokens/" + id, "").json()
                .required("last_used_at").isNull());
    }

    @Test
    void canUndoARotation() {
        Page page = desk.page();
        JsonNode made = customer.make("/applications", "{\"name\":\"Undone\",\"kind\":\"software\"}");
        open("/applications/" + made.required("id").stringValue());
        desk.press("Make a new secret");
        assertThat(page.locator("#secret")).isVisible();
        desk.press("Revoke the new secret");
        assertThat(page.locator("[role=status]").first()).containsText("The rotation has ended");
        assertThat(page.locator("#rotation")).containsText("Make a new secret");
        desk.browser().assertNoFaults();
    }

    @Test
    void haveNamesThatAreCheckedWhenTheFieldIsLeft() {
        Page page = desk.page();
        String taken = "Taken in " + customer.account();
        JsonNode made = customer.make("/static-tokens", "{\"name\":\"" + taken + "\"}");
        open("/new/rsa-tokens");
        desk.fill("name", taken);
        page.locator("main [name=name]").blur();
        assertThat(page.locator("#name-check")).hasText("Another token has this name.");
        desk.browser().look("name-taken");
        desk.fill("name", "Not taken in " + customer.account());
        page.locator("main [name=name]").blur();
        assertThat(page.locator("#name-check")).hasText("This name is free.");
        desk.fill("name", "x".repeat(10_000));
        page.locator("main [name=name]").blur();
        assertThat(page.locator("#name-check")).containsText("1 to 128 characters");

        open("/static-tokens/" + made.required("id").stringValue() + "/edit");
        desk.fill("name", taken + " ");
        page.locator("main [name=name]").blur();
        assertThat(page.locator("#name-check")).hasText("This name is free.");
        desk.browser().assertNoFaults();
    }

    @Test
    void tellNobodyWhichTokensOtherAccountsHave() {
        Customer other = GATE.newCustomer();
        String name = "Secret project of " + other.account();
        other.make("/static-tokens", "{\"name\":\"" + name + "\"}");
        JsonNode found = customer.manage("GET", "/token-names?name=" + name.replace(" ", "%20"), "").json();
        assertThat(found.required("available").booleanValue()).isFalse();
        assertThat(found.toString()).doesNotContain("\"id\"", "\"kind\"", "\"account\"");
        assertThat(other.manage("GET", "/token-names?name=" + name.replace(" ", "%20"), "").json().has("id")).isTrue();
    }
}
