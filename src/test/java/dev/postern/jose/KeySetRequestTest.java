package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.SloppyBackend;
import dev.postern.wire.BadResponseException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.http.client.HttpClient;
import reactor.test.StepVerifier;

/** Servers of keys that are as sloppy about HTTP as backends are. */
@OwnsItsGate
class KeySetRequestTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static KeySetRequest request(SloppyBackend server) {
        return new KeySetRequest(HttpClient.newConnection(), URI.create(server.address() + "/jwks"), 1_000);
    }

    @Test
    void waitsForTheFinalResponseAndIgnoresWhatFollows() {
        try (SloppyBackend server = new SloppyBackend((line, _) -> {
            line.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
            line.write(
                    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nkeysHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
        })) {
            StepVerifier.create(request(server).send())
                    .assertNext(body -> assertThat(new String(body, StandardCharsets.US_ASCII)).isEqualTo("keys"))
                    .expectComplete().verify(LIMIT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nkeys"})
    void failsForAServerThatSendsNoValidResponse(String response) {
        try (SloppyBackend server = new SloppyBackend((line, _) -> line.write(response))) {
            StepVerifier.create(request(server).send()).expectError(BadResponseException.class).verify(LIMIT);
        }
    }
}
