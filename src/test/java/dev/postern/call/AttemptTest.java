package dev.postern.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** Failures that come before a call has a connection. */
class AttemptTest {
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
    }
}
