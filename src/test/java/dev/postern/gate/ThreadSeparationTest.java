package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.postern.support.LargeKeys;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The memory that threads allocate shows which of them work: neither the event loops of the public port nor those that
 * get the replies of Redis for decisions work on management and lists.
 */
@NeedsTheMachine
class ThreadSeparationTest {
    private static final int KEYS = 10;
    private static final long MEGABYTE = 1024 * 1024;
    private static final String PUBLIC = "postern-epoll-";
    private static final String MANAGEMENT = "postern-management-epoll-";
    private static final String WORKERS = "postern-management-worker-";
    private static final String DECISIONS_REDIS = "lettuce-epollEventLoop-";
    private static final String MANAGEMENT_REDIS = "management-lettuce-epollEventLoop-";

    private static final TestGate GATE = TestGate.start();
    private static final Customer CUSTOMER = GATE.newCustomer();

    @BeforeAll
    static void makeLargeKeys() {
        LargeKeys.make(CUSTOMER, KEYS);
        // The first calls load classes, so they are made before the tests.
        assertThat(GATE.call(CUSTOMER.masterKey(), "GET", "/keys?title=zzz").status()).isEqualTo(200);
        assertThat(GATE.call(CUSTOMER.masterKey(), "GET", "/keys").status()).isEqualTo(200);
        assertThat(GATE.operate("GET", "/api/v1/accounts", "").status()).isEqualTo(200);
    }

    @AfterAll
    static void close() {
        GATE.close();
    }

    @Test
    void aSearchAmongLargeKeysIsDoneByTheWorkers() {
        Map<String, Long> before = allocated();

        assertThat(CUSTOMER.keys("GET", "/keys?title=zzz", "").required("data").required("total_count").intValue())
                .isZero();

        assertThat(since(before, WORKERS)).isGreaterThan(KEYS * MEGABYTE);
        assertThat(since(before, MANAGEMENT_REDIS)).isGreaterThan(MEGABYTE);
        assertThat(since(before, PUBLIC)).isLessThan(MEGABYTE);
        assertThat(since(before, DECISIONS_REDIS)).isLessThan(MEGABYTE);
    }

    @Test
    void aPageOfLargeKeysIsWrittenByTheWorkersAndSentInPieces() {
        Map<String, Long> before = allocated();

        Reply reply = GATE.call(CUSTOMER.masterKey(), "GET", "/keys");

        assertThat(reply.body().length).isGreaterThan(5_000_000);
        assertThat(reply.header("Content-Length")).isEqualTo(Integer.toString(reply.body().length));
        assertThat(reply.json().required("data").required("keys")).hasSize(KEYS);
        assertThat(since(before, WORKERS)).isGreaterThan(KEYS * MEGABYTE);
        assertThat(since(before, PUBLIC)).isLessThan(MEGABYTE);
        assertThat(since(before, DECISIONS_REDIS)).isLessThan(MEGABYTE);
    }

    @Test
    void aLargeKeyIsReadAndStoredByTheWorkers() {
        String permissions = LargeKeys.permissions(KEYS, 1999);
        Map<String, Long> before = allocated();

        CUSTOMER.newKey(permissions);

        assertThat(since(before, WORKERS)).isGreaterThan(MEGABYTE);
        // The event loop takes the body, half a megabyte, from the connection, and does no more.
        assertThat(since(before, PUBLIC)).isLessThan(2 * MEGABYTE);
        assertThat(since(before, DECISIONS_REDIS)).isLessThan(MEGABYTE);
    }

    @Test
    void theManagementPortHasEventLoopsOfItsOwn() {
        Map<String, Long> before = allocated();

        for (int i = 0; i < 100; i++) {
            assertThat(GATE.operate("GET", "/api/v1/accounts/" + CUSTOMER.account() + "/static-tokens", "").status())
                    .isEqualTo(200);
        }

        long management = since(before, MANAGEMENT);
        assertThat(management).isGreaterThan(100_000);
        assertThat(since(before, PUBLIC)).isLessThan(management / 10);
        assertThat(since(before, DECISIONS_REDIS)).isLessThan(MEGABYTE);
    }

    /** What each thread has allocated so far, in bytes. */
    private static Map<String, Long> allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Map<String, Long> bytes = new TreeMap<>();
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null) {
                bytes.merge(thread.getThreadName(), threads.getThreadAllocatedBytes(thread.getThreadId()), Long::sum);
            }
        }
        return bytes;
    }

    private static long since(Map<String, Long> before, String prefix) {
        return allocated().entrySet().stream().filter(thread -> thread.getKey().startsWith(prefix))
                .mapToLong(thread -> thread.getValue() - before.getOrDefault(thread.getKey(), 0L)).sum();
    }
}
