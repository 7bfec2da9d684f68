package dev.postern.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.postern.access.DenyReason;
import dev.postern.call.RequestLogSettings.Mode;
import dev.postern.inbound.ClientAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import org.springframework.http.HttpHeaders;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Which calls are logged, and what becomes of their lines. */
class RequestLogChoiceTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String ALWAYS = "0000000000000001";
    private static final String NEVER = "ffffffffffffffff";

    private final BlockingQueue<RequestLine> written = new LinkedBlockingQueue<>();

    private static TestHead head(String method) {
        return new TestHead(method, "/", new HttpHeaders(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
    }

    private static CallReports reports(Mode mode, double rate, RequestLogWriter writer) {
        return new CallReports(true, new RequestLog(new RequestLogSettings(mode, rate, 100),
                new ClientAddresses(List.of()), Clock.fixed(Instant.EPOCH, ZoneOffset.UTC), writer), null);
    }

    private static void end(CallReports reports, String requestId, @Nullable DenyReason reason) {
        CallReport report = new CallReport(reports, head("GET"), requestId, null);
        if (reason != null) {
            report.stopped(reason);
        }
        report.answers(200);
        report.ended(true);
        report.ended(false);
    }

    @ParameterizedTest
    @CsvSource({"OFF, 0.5, ''", "DENIALS, 0.5, denied", "SAMPLED, 0, denied", "SAMPLED, 0.5, 'denied,sampled'",
            "SAMPLED, 1, 'denied,sampled,other'", "ALL, 0, 'denied,sampled,other'"})
    void choosesByTheModeAndLogsEachCallOnce(Mode mode, double rate, String logged) {
        RequestLogWriter writer = new RequestLogWriter(true, 100, written::add);
        CallReports reports = reports(mode, rate, writer);
        end(reports, NEVER, DenyReason.CREDENTIAL_MISSING);
        end(reports, ALWAYS, null);
        end(reports, NEVER, null);

        writer.start();
        writer.stop();

        assertThat(written.stream().map(line -> line.reason() != null
                ? "denied"
                : line.requestId().equals(ALWAYS) ? "sampled" : "other"))
                .containsExactly(logged.isEmpty() ? new String[0] : logged.split(","));
    }

    @Test
    void samplesTheRightPartByTheIdAlone() {
        int sampled = 0;
        for (int i = 0; i < 10_000; i++) {
            String id = RequestId.next();
            boolean first = RequestLog.isSampled(id, 0.25);
            assertThat(RequestLog.isSampled(id, 0.25)).isEqualTo(first);
            sampled += first ? 1 : 0;
        }

        assertThat(sampled).isCloseTo(2500, within(400));
    }

    /** The thread that ends a call never waits: if the output hangs, lines are dropped and counted. */
    @Test
    void dropsAndCountsLinesWhenTheQueueIsFull() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        List<String> threads = new ArrayList<>();
        RequestLogWriter writer = new RequestLogWriter(true, 3, line -> {
            hangs.countDown();
            threads.add(Thread.currentThread().getName());
            try {
                goesOn.await();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
            written.add(line);
        });
        CallReports reports = reports(Mode.ALL, 1, writer);
        writer.start();
        end(reports, ALWAYS, null);
        assertThat(hangs.await(20, TimeUnit.SECONDS)).isTrue();

        for (int i = 0; i < 10; i++) {
            end(reports, ALWAYS, null);
        }

        assertThat(writer.waiting()).isEqualTo(3);
        assertThat(writer.dropped()).isEqualTo(7);
        goesOn.countDown();
        Awaitility.await().atMost(LIMIT).until(() -> written.size() == 4);
        end(reports, ALWAYS, null);
        writer.stop();
        assertThat(written).hasSize(5);
        assertThat(threads).containsOnly("postern-request-log");
    }

    @Test
    void goesOnAfterALineThatCannotBeWritten() {
        RequestLogWriter writer = new RequestLogWriter(true, 100, line -> {
            if (line.requestId().equals(NEVER)) {
                throw new IllegalStateException("the output is broken");
            }
            written.add(line);
        });
        CallReports reports = reports(Mode.ALL, 1, writer);
        end(reports, NEVER, null);
        end(reports, ALWAYS, null);

        writer.start();
        writer.stop();

        assertThat(written).extracting(RequestLine::requestId).containsExactly(ALWAYS);
        assertThat(writer.dropped()).isEqualTo(1);
    }

    /** Whatever a value contains, the line is one line of JSON. */
    @Test
    void escapesEverything() {
        String hostile = "a\r\nb\"\\\u0000\u001b[31m\u2028</script>{\"x\":1}";
        LoggingEvent event = new LoggingEvent("here", (Logger) LoggerFactory.getLogger("test"), Level.INFO, hostile,
                null, null);
        event.setKeyValuePairs(
                List.of(new KeyValuePair("api", hostile), new KeyValuePair("devices", List.of(hostile))));

        String line = new RequestLogFormat(null).format(event);

        assertThat(line.strip()).doesNotContain("\n", "\r", "\u0000", "\u001b");
        JsonNode json = JsonMapper.shared().readTree(line);
        assertThat(json.required("api").stringValue()).isEqualTo(hostile);
        assertThat(json.required("devices").get(0).stringValue()).isEqualTo(hostile);
        assertThat(json.propertyNames()).containsExactly("api", "devices");
    }
}
