package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.RecordingBackend.Received;
import dev.postern.support.SpanReceiver;
import dev.postern.support.SpanReceiver.Span;
import dev.postern.support.TestGate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** If there is an endpoint for spans, calls on both lanes have spans, and backends get the gate's span as parent. */
@OwnsItsGate
class TracingTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";
    private static final Pattern EXEMPLAR = Pattern.compile("(?m)^postern_backend_time_seconds_bucket\\{.*"
            + "# \\{[^}]*trace_id=\"([0-9a-f]{32})\"");
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final SpanReceiver RECEIVER = new SpanReceiver();
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.express.enabled=true", "management.opentelemetry.tracing.export.otlp.endpoint="
                    + RECEIVER.endpoint(),
            "management.opentelemetry.tracing.export.schedule-delay=50ms", "management.tracing.sampling.probability=1");
    private static final TestGate.Customer CUSTOMER = GATE.newCustomer();

    @BeforeEach
    void forget() {
        BACKEND.forget();
        RECEIVER.forget();
    }

    @AfterAll
    static void stop() {
        GATE.close();
        RECEIVER.close();
        BACKEND.close();
    }

    private static Reply call(String lane, String target, String... lines) {
        List<String> all = new ArrayList<>(List.of(lines));
        if (lane.equals("chain")) {
            all.add("TE: trailers");
        }
        return RawHttp.call(GATE.port(), "GET", target, "", all.toArray(String[]::new));
    }

    private static Span single() {
        await().atMost(LIMIT).until(() -> !RECEIVER.spans().isEmpty());
        assertThat(RECEIVER.spans()).hasSize(1);
        return RECEIVER.spans().getFirst();
    }

    @ParameterizedTest
    @ValueSource(strings = {"express", "chain"})
    void beginsATraceWithASpan(String lane) {
        assertThat(call(lane, "/devices/secret-lamp?token=hidden", "api-key: " + CUSTOMER.masterKey(),
                "tracestate: of=nothing").status()).isEqualTo(200);

        Span span = single();
        Received received = BACKEND.single();
        assertThat(received.header("traceparent")).isEqualTo("00-" + span.traceId() + "-" + span.id() + "-01");
        assertThat(received.hasHeader("tracestate")).isFalse();
        assertThat(span.parent()).isEmpty();
        assertThat(span.name()).isEqualTo("GET /devices/{device}");
        assertThat(span.endNanos()).isGreaterThan(span.startNanos());
        assertThat(span.attributes()).containsEntry("http.request.method", "GET")
                .containsEntry("http.route", "/devices/{device}").containsEntry("http.response.status_code", "200")
                .containsEntry("postern.api", "devices").containsEntry("postern.outcome", "allowed")
                .containsEntry("postern.lane", lane).containsEntry("postern.account", CUSTOMER.account())
                .containsEntry("postern.request_id", received.header("X-Postern-Request-Id"));
        assertThat(RECEIVER.requests()).noneMatch(bytes -> bytes.contains("secret-lamp") || bytes.contains("hidden")
                || bytes.contains(CUSTOMER.masterKey()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"express", "chain"})
    void goesOnWithTheTraceOfTheClient(String lane) {
        assertThat(call(lane, "/devices/lamp", "api-key: " + CUSTOMER.masterKey(),
                "TraceParent: 00-" + TRACE + "-" + PARENT + "-01", "tracestate: rojo=1").status()).isEqualTo(200);

        Span span = single();
        assertThat(span.traceId()).isEqualTo(TRACE);
        assertThat(span.parent()).isEqualTo(PARENT);
        assertThat(BACKEND.single().header("traceparent")).isEqualTo("00-" + TRACE + "-" + span.id() + "-01");
        assertThat(BACKEND.single().header("tracestate")).isEqualTo("rojo=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"express", "chain"})
    void leavesAloneWhatIsNotSampled(String lane) {
        String unsampled = "00-" + TRACE + "-" + PARENT + "-00";
        assertThat(call(lane, "/devices/lamp", "api-key: " + CUSTOMER.masterKey(), "traceparent: " + unsampled)
                .status()).isEqualTo(200);
        assertThat(BACKEND.single().header("traceparent")).isEqualTo(unsampled);

        assertThat(call(lane, "/devices/lamp").status()).isEqualTo(401);
        assertThat(single().attributes()).containsEntry("postern.reason", "credential_missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"express", "chain"})
    void saysWhyACallIsRefused(String lane) {
        assertThat(call(lane, "/devices/lamp", "api-key: nobody-has-this", "traceparent: nonsense").status())
                .isEqualTo(401);

        assertThat(single().attributes()).containsEntry("postern.outcome", "denied")
                .containsEntry("postern.reason", "credential_unknown")
                .containsEntry("http.response.status_code", "401").containsEntry("postern.lane", lane)
                .doesNotContainKeys("error.type", "postern.account");
    }

    @Test
    void givesExemplarsToTheHistogram() {
        assertThat(call("express", "/devices/lamp", "api-key: " + CUSTOMER.masterKey()).status()).isEqualTo(200);

        String scraped = RawHttp.call(GATE.managementPort(), "GET", "/actuator/prometheus", "",
                "Accept: application/openmetrics-text; version=1.0.0").text();

        Matcher exemplar = EXEMPLAR.matcher(scraped);
        assertThat(exemplar.find()).as(scraped.lines().filter(line -> line.startsWith("postern_backend_time"))
                .toList().toString()).isTrue();
    }
}
