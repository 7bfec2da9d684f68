package dev.postern.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** Failures that come before a call has a connection. */
class AttemptTest {
    private final IOException closedInPool = new IOException("Error while acquiring from SimpleDequePool{}");

    @Test
    void retriesACallThatFoundOnlyClosedConnectionsInThePool() {
        // Nothing was sent, so the method does not matter.
        assertThat(new Attempt(true, false).mayBeRepeated(closedInPool)).isTrue();
        assertThat(new Attempt(false, true).mayBeRepeated(closedInPool)).isTrue();
    }

    @Test
    void doesNotRetryACallThatCouldNotConnect() {
        assertThat(new Attempt(true, false).mayBeRepeated(new ConnectException("refused"))).isFalse();
        assertThat(new Attempt(true, true).mayBeRepeated(new IOException("reset"))).isFalse();
    }

    @Test
    void blamesTheHandshakeIfTheConnectionBreaksBeforeItsUse() {
        IOException reset = new IOException("Connection reset by peer");

        assertThat(new Attempt(true, true).cause(reset)).isInstanceOf(SSLException.class).hasCause(reset);
        assertThat(new Attempt(true, false).cause(reset)).isSameAs(reset);
        assertThat(new Attempt(true, true).cause(closedInPool)).isSameAs(closedInPool);
    }
}
