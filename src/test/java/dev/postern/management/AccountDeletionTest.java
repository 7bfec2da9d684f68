package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.store.TestRedis;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every part of an account goes with it: what stays would belong to the next account of the same ID. */
@UsesSharedGate
class AccountDeletionTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String APPLICATION = "{\"name\":\"a\",\"kind\":\"hardware\"}";

    @Test
    void leavesNothingOfAnAccountBehind() {
        Customer customer = GATE.newCustomer();
        customer.make("/projects", "{\"id\":\"p\",\"name\":\"P\",\"devices\":[\"lamp-of-p\"]}");
        customer.make("/users", "{\"id\":\"u\",\"name\":\"U\",\"devices\":[\"lamp-of-u\"]}");
        customer.make("/devices", "{\"id\":\"" + customer.account() + "-lamp\",\"title\":\"Lamp\"}");
        customer.make("/static-tokens", "{\"name\":\"s\"}");
        String application = customer.make("/applications", APPLICATION).required("id").stringValue();
        customer.make("/applications/" + application + "/authcodes", "{\"count\":1,\"terminals\":1}");
        customer.make("/rsa-tokens", "{\"name\":\"r\",\"apis\":[\"devices\"],\"projects\":[\"p\"]}");
        customer.make("/jwt-tokens", "{\"name\":\"j\",\"apis\":[\"devices\"],\"users\":[\"u\"]}");
        customer.make("/blocked-subjects", "{\"issuer\":\"realm\",\"subject\":\"alice\"}");
        customer.newKey("[]");
        assertThat(GATE.call(customer.masterKey(), "GET", "/devices/lamp").status()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(20)).until(() -> keys(customer).stream()
                .anyMatch(key -> key.contains(":active:")));
        assertThat(keys(customer)).extracting(key -> key.substring(key.indexOf('}') + 2).replaceFirst(":.*", ""))
                .contains("account", "projects", "users", "devices", "static-tokens", "applications", "application",
                        "rsa-tokens", "jwt-tokens", "blocked-subjects", "api-keys", "stored-bytes", "active");

        assertThat(customer.manage("DELETE", "", "").status()).isEqualTo(204);

        assertThat(keys(customer)).isEmpty();
    }

    private static List<String> keys(Customer customer) {
        return TestRedis.get(GATE.redis().run(commands -> commands.keys("postern:{" + customer.account() + "}*")));
    }
}
