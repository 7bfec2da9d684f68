package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.store.AccountWork;
import dev.postern.support.AtOnce;
import dev.postern.support.LargeKeys;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.StalledGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What one account may store, and how much it may ask for at a time. */
@Timeout(120)
@OwnsItsGate
class AccountBoundsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int MANY = 24;
    private static final TestGate GATE = TestGate.start("postern.accounts.max-stored-bytes=8MB",
            "postern.listing.max-waiting-per-account=1", "postern.listing.longest=3s");

    @AfterAll
    static void close() {
        GATE.close();
    }

    @Test
    void keysReportsAFullAccount() {
        Customer customer = GATE.newCustomer();
        LargeKeys.make(customer, 14);
        String permissions = LargeKeys.permissions(14, 1999);

        JsonNode refused = customer.keys("POST", "/keys", "{\"title\":\"t\",\"permissions\":" + permissions + "}");

        assertThat(refused.required("errno").intValue()).isEqualTo(40322);
        assertThat(refused.required("error").stringValue()).startsWith("account full: The account stores ")
                .endsWith(" bytes. The limit is 8388608 bytes (postern.accounts.max-stored-bytes).");
        assertThat(customer.keys("GET", "/keys?per_page=1", "").required("data").required("total_count").intValue())
                .isEqualTo(14);
        // A small API key cannot grow beyond what is left, either.
        String small = customer.newKey("[]");
        JsonNode grown = customer.keys("PUT", "/keys/" + small,
                "{\"title\":\"t\",\"permissions\":" + permissions + "}");
        assertThat(grown.required("errno").intValue()).isEqualTo(40322);
        assertThat(GATE.newCustomer().newKey(permissions)).as("of another account").isNotEmpty();
    }

    @Test
    void managementReportsAFullAccount() {
        Customer customer = GATE.newCustomer();
        LargeKeys.make(customer, 14);
        StringBuilder devices = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            devices.append(i == 0 ? "" : ",").append('"').append(String.format("%0128d", i)).append('"');
        }

        Reply refused = customer.manage("POST", "/projects", "{\"id\":\"large\",\"name\":\"n\",\"devices\":[" + devices
                + "]}");

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.reason()).isEqualTo("account_full");
        assertThat(refused.json().required("detail").stringValue()).contains("8388608",
                "postern.accounts.max-stored-bytes");
        assertThat(customer.manage("GET", "/projects/large", "").status()).isEqualTo(404);
        assertThat(customer.manage("POST", "/static-tokens", "{\"name\":\"small of " + customer.account() + "\"}")
                .status()).isEqualTo(201);
    }

    @Test
    void tooManyListsOfOneAccountAreRefusedButNotThoseOfOthers() throws Exception {
        Customer customer = GATE.newCustomer();
        LargeKeys.make(customer, 12);
        Customer other = GATE.newCustomer();
        other.newKey("[]");

        List<Reply> replies = AtOnce.run(Collections.nCopies(12,
                () -> GATE.call(customer.masterKey(), "GET", "/keys?title=of")));

        assertThat(replies).extracting(reply -> reply.json().required("errno").intValue()).contains(0, 50310)
                .containsOnly(0, 50310);
        assertThat(replies).filteredOn(reply -> reply.json().required("errno").intValue() != 0)
                .allSatisfy(reply -> assertThat(reply.header("Retry-After")).isEqualTo("2"));
        assertThat(other.keys("GET", "/keys?title=of", "").required("errno").intValue()).isZero();
    }

    @Test
    void anUnreadListIsCancelledAndDelaysOnlyItsAccount() throws IOException {
        try (TestGate gate = TestGate.start("postern.accounts.max-stored-bytes=16MB", "postern.listing.longest=3s")) {
            Customer customer = gate.newCustomer();
            // A list of twice the size that the system and the connection buffer for a client that does not read.
            LargeKeys.make(customer, MANY);
            readLittleOfAList(gate, customer);

            assertThat(customer.keys("GET", "/keys?per_page=1", "").required("errno").intValue()).isZero();
        }
    }

    private static void readLittleOfAList(TestGate gate, Customer customer) throws IOException {
        Customer other = gate.newCustomer();
        AccountWork work = gate.context().getBean(AccountWork.class);
        try (Socket socket = new Socket()) {
            // At least a segment of the loopback interface. With less, the system may open the window late.
            socket.setReceiveBufferSize(128 * 1024);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gate.port()));
            socket.getOutputStream().write(("GET /keys?per_page=100 HTTP/1.1\r\nHost: gate.test\r\napi-key: "
                    + customer.masterKey() + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            await().atMost(LIMIT).until(() -> work.lists().running() == 1);

            assertThat(other.keys("GET", "/keys", "").required("errno").intValue()).isZero();
            // The list of the other account gives its turn back only just after its reply.
            await().atMost(LIMIT).until(() -> work.lists().running() == 1);

            // The list is cancelled after three seconds, and its connection ends, too.
            await().atMost(LIMIT).until(() -> work.lists().running() == 0);
            socket.setSoTimeout((int) LIMIT.toMillis());
            InputStream reply = socket.getInputStream();
            byte[] some = new byte[64 * 1024];
            long length = 0;
            try {
                for (int read = reply.read(some); read >= 0; read = reply.read(some)) {
                    length += read;
                }
            } catch (IOException reset) {
                assertThat(reset).as(() -> StalledGate.queues(gate.port()))
                        .isNotInstanceOf(SocketTimeoutException.class);
            }
            assertThat(length).isLessThan(MANY * 500_000);
        }
    }
}
