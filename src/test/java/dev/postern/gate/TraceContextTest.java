package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.BothLanes;
import dev.postern.support.RawHttp;
import dev.postern.support.RecordingBackend.Received;
import dev.postern.support.SharedGate;
import dev.postern.support.UsesSharedGate;
import io.micrometer.tracing.Tracer;
import io.opentelemetry.api.OpenTelemetry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without tracing of its own, the gate is no part of a trace: it passes on what the client says. */
@UsesSharedGate
@BothLanes
class TraceContextTest {
    private static final String KEY = SharedGate.GATE.newCustomer().masterKey();

    @BeforeEach
    void forget() {
        SharedGate.BACKEND.forget();
    }

    /** Also what is malformed: the backend may understand a later version. */
    @ParameterizedTest
    @ValueSource(strings = {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later", "00-short-01", "\"quoted\" $(id) ../.."})
    void reachesTheBackendAsItCame(String traceparent) {
        String tracestate = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";

        assertThat(RawHttp.call(SharedGate.GATE.port(), "GET", "/devices/lamp", "", "api-key: " + KEY,
                "traceparent: " + traceparent, "tracestate: " + tracestate).status()).isEqualTo(200);

        Received received = SharedGate.BACKEND.single();
        assertThat(received.header("traceparent")).isEqualTo(traceparent);
        assertThat(received.header("tracestate")).isEqualTo(tracestate);
    }

    @Test
    void hasNoTracerWithoutAnEndpoint() {
        assertThat(SharedGate.GATE.context().getBeanProvider(Tracer.class).stream()).isEmpty();
        assertThat(SharedGate.GATE.context().getBeanProvider(OpenTelemetry.class).stream()).isEmpty();
    }
}
