package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawHttp;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What the key holder's page on the public port writes to the log. */
@ExtendWith(OutputCaptureExtension.class)
@NeedsTheMachine
class KeyHolderLogTest {
    @Test
    void isNeitherASecretNorAStackForABrokenForm(CapturedOutput output) throws IOException {
        try (TestGate gate = TestGate.start("postern.backend=http://127.0.0.1:1",
                "postern.console.key-holder-page-on-public-port=true",
                "postern.apis.any.operations[0].call=GET /{device}", "logging.level.dev.postern=debug")) {
            assertThat(output.getAll()).contains("/{device} of postern.apis.any cannot be called with 'me'");
            Customer customer = gate.newCustomer();
            int before = output.getAll().length();
            for (String key : new String[]{customer.masterKey(), "wrong-" + customer.masterKey()}) {
                RawHttp.call(gate.port(), "POST", "/me/sign-in", "master_key=" + key);
                RawHttp.call(gate.port(), "POST", "/me/sign-in", "master_key=" + key + "&%zz=%");
            }
            for (String rest : new String[]{"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZZZ\r\n",
                    "Content-Length: 100\r\n\r\nmaster_key=" + customer.masterKey()}) {
                for (int i = 0; i < 20; i++) {
                    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.port())) {
                        socket.getOutputStream().write(("POST /me/sign-in HTTP/1.1\r\nHost: gate.test\r\n" + rest)
                                .getBytes(StandardCharsets.US_ASCII));
                    }
                }
            }
            assertThat(RawHttp.call(gate.port(), "GET", "/me", "").status()).isEqualTo(200);
            assertThat(output.getAll().substring(before)).doesNotContain(customer.masterKey(), "\tat ",
                    "A page of the console failed");
        }
    }
}
