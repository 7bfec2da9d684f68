package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.postern.support.Http2Client;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.Way;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections of HTTP/2 end when they have to. */
@OwnsItsGate
class Http2ConnectionsTest {
    private static final int MANY = 300;

    private static Http2Headers get(String... lines) {
        return Http2Client.headers("GET", "/devices/lamp", lines);
    }

    private static long endedWith(Http2Client client, Consumer<Http2Client> call) throws Exception {
        for (int i = 0; i < MANY && !client.goAway().isDone() && client.isOpen(); i++) {
            call.accept(client);
        }
        long error = client.goAway().get(20, TimeUnit.SECONDS);
        await().atMost(Duration.ofSeconds(20)).until(() -> !client.isOpen());
        return error;
    }

    @ParameterizedTest
    @EnumSource(names = {"H2C", "H2"})
    void requestsOfTheWrongLengthCloseTheConnection(Way way) throws Exception {
        try (Http2Client client = way.newHttp2Client()) {
            assertThat(endedWith(client, each -> assertThatThrownBy(
                    () -> each.call(get("content-length: 5"), new byte[0])).isInstanceOf(RuntimeException.class)))
                    .isEqualTo(Http2Error.ENHANCE_YOUR_CALM.code());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"H2C", "H2"})
    void requestsForAForeignHostCloseTheConnection(Way way) throws Exception {
        try (Http2Client client = way.newHttp2Client()) {
            assertThat(client.call(get("host: other.test"), new byte[0]).reason()).isEqualTo("request_malformed");
            assertThat(endedWith(client, each -> {
                try {
                    each.call(get("host: other.test"), new byte[0]);
                } catch (RuntimeException ended) {
                    // The connection has come to its end.
                }
            })).isEqualTo(Http2Error.ENHANCE_YOUR_CALM.code());
        }
    }

    @Test
    void requestsWithAnInvalidCredentialDoNotCloseTheConnection() {
        try (Http2Client client = Way.H2C.newHttp2Client()) {
            for (int i = 0; i < MANY; i++) {
                assertThat(client.call(get(), new byte[0]).status()).isEqualTo(401);
            }
            assertThat(client.goAway()).isNotDone();
        }
    }

    @Test
    void anIdleConnectionIsClosedThoughItSendsPings() {
        try (TestGate gate = TestGate.start("server.netty.idle-timeout=500ms",
                "postern.backend=" + SharedGate.BACKEND.address());
                Http2Client unused = new Http2Client(gate.port(), false);
                Http2Client used = new Http2Client(gate.port(), false)) {
            assertThat(used.call(get(), new byte[0]).status()).isEqualTo(401);

            await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(50)).until(() -> {
                unused.ping();
                used.ping();
                return !unused.isOpen() && !used.isOpen();
            });
            assertThat(used.goAway()).isCompletedWithValue(Http2Error.NO_ERROR.code());
        }
    }
}
