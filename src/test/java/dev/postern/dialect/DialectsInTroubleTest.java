package dev.postern.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.AtOnce;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestApplication;
import dev.postern.support.TestGate;
import dev.postern.support.TestRedisServer;
import dev.postern.support.UsesSharedGate;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** What the dialects of applications and terminals answer while Redis is away, and to bodies that do not come. */
@UsesSharedGate
class DialectsInTroubleTest {
    @Test
    void reportAnOutageOfTheStoreInTheirOwnWords() {
        try (TestRedisServer redis = new TestRedisServer(); TestGate gate = TestGate.start(redis.properties())) {
            TestApplication application = TestApplication.software(gate);
            redis.stop();

            for (String call : List.of("token", "revoke", "introspect")) {
                Reply oauth = application.oauth(call, "grant_type=client_credentials&token=x");
                assertThat(oauth.status()).isEqualTo(503);
                assertThat(oauth.json().required("error").stringValue()).isEqualTo("temporarily_unavailable");
                assertThat(oauth.header("Retry-After")).matches("[1-3]");
            }
            Reply login = RawHttp.call(gate.port(), "POST", "/api/v1/user/login-app",
                    "{\"appKey\":\"" + application.key() + "\",\"appSecret\":\"" + application.secret() + "\"}");
            assertThat(login.status()).isEqualTo(200);
            assertThat(login.json().required("code").intValue()).isEqualTo(503);
            Reply authorized = application.authorize("lamp7", "");
            assertThat(authorized.status()).isEqualTo(200);
            assertThat(authorized.json().required("status").intValue()).isEqualTo(-1);
        }
    }

    @Test
    void timeOutWaitingForABody() throws Exception {
        List<Callable<Reply>> calls = List.of(() -> half("/oauth/token"), () -> half("/api/v1/user/login-app"),
                () -> half("/httpapi/authorize.do?appkey=x&userid=y"));
        List<Reply> replies = AtOnce.run(calls);

        assertThat(replies.get(0).status()).isEqualTo(408);
        assertThat(replies.get(0).json().required("error").stringValue()).isEqualTo("invalid_request");
        assertThat(replies.get(1).json().required("code").intValue()).isEqualTo(408);
        assertThat(replies.get(2).json().required("status").intValue()).isEqualTo(8);
    }

    private static Reply half(String target) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), SharedGate.GATE.port())) {
            socket.getOutputStream().write(("POST " + target + " HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 10\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\n\r\nhalf=")
                    .getBytes(StandardCharsets.ISO_8859_1));
            return RawHttp.read(socket.getInputStream(), true);
        }
    }
}
