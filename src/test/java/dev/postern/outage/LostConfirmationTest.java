package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.store.RedisProcess;
import dev.postern.store.StoreState;
import dev.postern.support.Cable;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import tools.jackson.databind.JsonNode;

/** Redis goes away just when a change is made, and before anybody knows whether its replicas have it. */
@Timeout(120)
@OwnsItsGate
class LostConfirmationTest {
    private static final DisposableServer BACKEND = HttpServer.create().host("127.0.0.1").port(0)
            .handle((_, response) -> response.sendString(Mono.just("{}"))).bindNow();
    private static final int[] PORTS = RedisProcess.freePorts(2);
    private static final RedisProcess PRIMARY = RedisProcess.server(PORTS[0]);
    private static final RedisProcess REPLICA = RedisProcess.server(PORTS[1], "replicaof 127.0.0.1 " + PORTS[0]);
    private static final Cable CABLE = new Cable(PORTS[0]);
    private static final TestGate GATE = start();
    /** Part of the script that asks for the replicas. */
    private static final String QUESTION = "its own replicas prove nothing";

    private final Customer customer = GATE.newCustomer();

    private static TestGate start() {
        PRIMARY.awaitReplicated();
        return TestGate.start("spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + CABLE.port(),
                "postern.secret-keys.create=true", "postern.backend=http://127.0.0.1:" + BACKEND.port());
    }

    @AfterAll
    static void stop() {
        GATE.close();
        CABLE.close();
        REPLICA.close();
        PRIMARY.close();
        BACKEND.disposeNow();
    }

    @AfterEach
    void mend() {
        CABLE.mend();
        await().atMost(Duration.ofSeconds(20)).until(() -> GATE.redis().isConnected()
                && GATE.redis().management().isConnected()
                && GATE.redis().changes().view().state() == StoreState.LIVE);
    }

    @Test
    void stillReturnsASecretThatIsShownOnce() {
        CABLE.cutAt(QUESTION);
        Reply made = customer.manage("POST", "/static-tokens", "{\"name\":\"just made\"}");

        assertThat(made.status()).isEqualTo(201);
        JsonNode receipt = made.json().required("receipt");
        assertThat(receipt.required("complete").booleanValue()).isFalse();
        assertThat(receipt.toString()).contains("before its replicas had it");
        mend();
        assertThat(status(made.json())).isEqualTo(200);
    }

    @Test
    void doesNotReportARevocationAsDone() {
        JsonNode token = customer.make("/static-tokens", "{\"name\":\"to be ended\"}");
        String path = "/static-tokens/" + token.required("id").stringValue();
        assertThat(status(token)).isEqualTo(200);

        CABLE.cutAt(QUESTION);
        Reply ended = customer.manage("DELETE", path, "");

        assertThat(ended.status()).isEqualTo(503);
        assertThat(ended.json().toString()).contains("store_unavailable");
        assertThat(status(token)).as("what may have been done").isEqualTo(503);
        mend();
        assertThat(status(token)).isEqualTo(401);
        assertThat(customer.manage("DELETE", path, "").status()).isEqualTo(404);
    }

    /** The deletion of an authcode is cut off in the middle, and is repeated until it is confirmed. */
    @Test
    void revokesTheRemainingTerminalsWhenTheDeletionIsRepeated() {
        JsonNode application = customer.make("/applications", "{\"name\":\"terminals\",\"kind\":\"hardware\",\"rules\":"
                + "[{\"apis\":[\"devices\"],\"actions\":[\"get\"],\"devices\":\"all\"}]}");
        String authcodes = "/applications/" + application.required("id").stringValue() + "/authcodes";
        String authcode = customer.make(authcodes, "{\"count\":1,\"terminals\":3}").required("authcodes").get(0)
                .required("authcode").stringValue();
        List<String> tokens = Stream.of("lamp", "door", "fan").map(terminal -> RawHttp.call(GATE.port(), "GET",
                "/httpapi/authorize.do?appkey=" + application.required("app_key").stringValue() + "&userid=" + terminal
                        + "&authcode=" + authcode,
                "").json().required("data").required("accessToken").stringValue()).toList();

        // In whatever order Redis lists the terminals, the connection is cut before the terminal door is removed.
        CABLE.cutAt("door");
        assertThat(customer.manage("DELETE", authcodes + "/" + authcode, "").status()).isEqualTo(503);
        mend();

        Reply repeated = customer.manage("DELETE", authcodes + "/" + authcode + "?receipt=true", "");
        assertThat(repeated.status()).isEqualTo(200);
        assertThat(repeated.json().required("receipt").required("replicas"))
                .hasToString("{\"connected\":1,\"confirmed\":1}");
        assertThat(tokens).allSatisfy(
                token -> assertThat(GATE.call(token, "GET", "/devices").reason()).isEqualTo("credential_invalid"));
        assertThat(customer.manage("DELETE", authcodes + "/" + authcode, "").status()).isEqualTo(404);
    }

    private static int status(JsonNode token) {
        return GATE.call(token.required("token").stringValue(), "GET", "/devices/lamp").status();
    }
}
