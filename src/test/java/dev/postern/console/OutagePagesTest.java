package dev.postern.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.postern.support.Cable;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestRedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The console while Redis is away. */
@OwnsItsGate
class OutagePagesTest {
    private static final TestRedisServer REDIS = new TestRedisServer();
    private static final Cable CABLE = new Cable(REDIS.port());
    private static final TestGate GATE = TestGate.start("spring.data.redis.host=127.0.0.1",
            "spring.data.redis.port=" + CABLE.port(), "postern.secret-keys.create=true",
            "postern.backend=http://127.0.0.1:1", "postern.console.key-holder-page-on-public-port=true");

    @AfterAll
    static void stop() {
        GATE.close();
        CABLE.close();
        REDIS.close();
    }

    @Test
    void keepsWhatAKeyHolderTypedOnThePublicPort() {
        Customer customer = GATE.newCustomer();
        try (Desk desk = Desk.ofKeyHolder(GATE.port(), customer.masterKey())) {
            Page page = desk.page();
            desk.open("/new/api-keys");
            desk.fill("name", "Typed by a holder");
            CABLE.cut();
            desk.press("Submit");
            assertThat(page.locator("main [role=alert]")).containsText("Redis cannot be reached");
            desk.browser().look("key-holder-redis-away");
            try (Browser other = new Browser("http://127.0.0.1:" + GATE.port(), "en")) {
                other.page().navigate("/me");
                other.page().locator("[name=master_key]").fill(customer.masterKey());
                other.page().keyboard().press("Enter");
                assertThat(other.page().locator("main [role=alert]")).containsText("Redis cannot be reached");
                assertThat(other.page().content()).doesNotContain(customer.masterKey());
            }
            CABLE.mend();
            GATE.awaitLive();
            desk.press("Try again");
            assertThat(page.locator("main [name=name]")).hasValue("Typed by a holder");
            desk.press("Submit");
            assertThat(page.locator("h1")).hasText("Typed by a holder");
        }
    }

    @Test
    void saysSoAndKeepsWhatWasTyped() {
        Customer customer = GATE.newCustomer();
        try (Desk desk = new Desk(GATE)) {
            Page page = desk.page();
            desk.open("/accounts/" + customer.account() + "/new/api-keys");
            desk.fill("name", "Typed in an outage");
            desk.fill("allowed_networks", "10.0.0.0/8");
            CABLE.cut();
            desk.press("Submit");
            assertThat(page.locator("main [role=alert]")).containsText("Redis cannot be reached");
            desk.browser().look("redis-away");
            desk.press("Try again");
            assertThat(page.locator("main [role=alert]")).containsText("Redis cannot be reached");
            CABLE.mend();
            GATE.awaitLive();
            desk.press("Try again");
            assertThat(page.locator("main [name=name]")).hasValue("Typed in an outage");
            assertThat(page.locator("main [name=allowed_networks]")).hasValue("10.0.0.0/8");
            assertThat(customer.manage("GET", "/api-keys", "").json().required("total_count").intValue()).isZero();
            desk.press("Submit");
            assertThat(page.locator("h1")).hasText("Typed in an outage");
        }
    }
}
