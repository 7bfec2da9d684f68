package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.gate.RandomCalls.Call;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestIssuer;
import dev.postern.support.Thoroughness;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The explanation of a call agrees with its answer: each of many random calls is first explained, then made. */
@OwnsItsGate
@Order(4)
class ExplainedCallsTest {
    private static final int CALLS = Thoroughness.pick(1_000, 10_000);
    private static final int CHANGE_EVERY = 25;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TestIssuer ISSUER = new TestIssuer();
    private static final DisposableServer BACKEND = HttpServer.create().host("127.0.0.1").port(0)
            .handle((request, response) -> request.receive().then(
                    response.header("X-Backend", "yes").sendString(Mono.just("{\"errno\":0}")).then()))
            .bindNow();
    private static final TestGate GATE = TestGate.start("postern.license.enabled=true",
            "postern.license.enrollment=first-use", "postern.license.minimum-devices=2",
            "postern.forwarding.trusted-proxies=127.0.0.1/32", "postern.tokens.max-lifetime=1h",
            "postern.issuers.test.issuer=" + TestIssuer.ISSUER,
            "postern.issuers.test.jwks-uri=" + ISSUER.jwksAddress(),
            "postern.issuers.test.audience=" + TestIssuer.AUDIENCE, "postern.issuers.test.account-claim=account",
            "postern.backend=http://127.0.0.1:" + BACKEND.port(),
            "postern.apis.body.operations[0].call=POST /batch",
            "postern.apis.body.operations[0].devices=body:targets[].device",
            "postern.apis.checked.operations[0].call=POST /checked",
            "postern.apis.checked.operations[0].devices=query:device_id",
            "postern.apis.checked.operations[0].body=checked",
            "postern.apis.header.operations[0].call=GET /by-header",
            "postern.apis.header.operations[0].devices=header:X-Device");

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.disposeNow();
    }

    /** Makes one call after another on a connection, and opens a new one when the gate closes it. */
    private static final class Connection implements AutoCloseable {
        private final int port;
        private Socket socket = new Socket();
        private InputStream in = InputStream.nullInputStream();

        Connection(int port) {
            this.port = port;
            open();
        }

        private void open() {
            try {
                socket = new Socket(InetAddress.getLoopbackAddress(), port);
                socket.setSoTimeout(20_000);
                socket.setTcpNoDelay(true);
                in = new BufferedInputStream(socket.getInputStream());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        Reply call(String method, String target, List<String> lines, String body) {
            try {
                byte[] content = body.getBytes(StandardCharsets.UTF_8);
                ByteArrayOutputStream request = new ByteArrayOutputStream();
                request.writeBytes((method + " " + target + " HTTP/1.1\r\nHost: gate.test\r\n"
                        + String.join("\r\n", lines) + (lines.isEmpty() ? "" : "\r\n")
                        + (content.length == 0 ? "" : "Content-Length: " + content.length + "\r\n") + "\r\n")
                        .getBytes(StandardCharsets.UTF_8));
                request.writeBytes(content);
                socket.getOutputStream().write(request.toByteArray());
                Reply reply = RawHttp.read(in, !method.equals("HEAD"));
                if (reply.header("Connection").equals("close")) {
                    close();
                    open();
                }
                return reply;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void areAnsweredAsExplained() throws IOException {
        RandomCalls random = new RandomCalls(20_261_127, GATE, ISSUER);
        Map<String, Integer> outcomes = new HashMap<>();
        List<String> wrong = new ArrayList<>();
        try (Connection management = new Connection(GATE.managementPort());
                Connection gate = new Connection(GATE.port())) {
            for (int i = 0; i < CALLS && wrong.size() < 20; i++) {
                if (i % CHANGE_EVERY == 0) {
                    random.changeSomething();
                }
                Call call = random.next();
                Reply explained = management.call("POST", "/api/v1/explain",
                        List.of("Authorization: Bearer " + TestGate.OPERATOR_TOKEN), question(call).toString());
                Reply answered = gate.call(call.method(), call.target(), lines(call), call.body());
                String expected = explained.status() == 200 ? expected(call, explained.json()) : explained.text();
                outcomes.merge(expected.replaceFirst("\\|.*", ""), 1, Integer::sum);
                // Only the answers to calls of the catalogue can be compared with their explanations.
                String actual = expected.equals("answered_here") ? expected : actual(call, answered);
                if (!expected.equals(actual)) {
                    wrong.add(call + "\n  explained: " + expected + "\n  answered: " + actual);
                }
            }
        }
        System.out.println(outcomes);

        assertThat(wrong).isEmpty();
        assertThat(outcomes).as("kinds of outcomes").hasSizeGreaterThan(25);
        assertThat(outcomes.get("200")).as("allowed calls").isGreaterThan(CALLS / 20);
    }

    private static List<String> lines(Call call) {
        List<String> lines = new ArrayList<>(call.presented());
        call.headers().forEach((name, values) -> values.forEach(value -> lines.add(name + ": " + value)));
        return lines;
    }

    private static ObjectNode question(Call call) {
        ObjectNode question = JSON.createObjectNode().put("method", call.method()).put("target", call.target())
                .put("client_address", "127.0.0.1");
        ObjectNode headers = question.putObject("headers");
        call.headers().forEach((name, values) -> values.forEach(headers.putArray(name)::add));
        for (String line : call.presented()) {
            int colon = line.indexOf(':');
            String value = line.substring(colon + 1).strip();
            if (call.presented().size() == 1 && colon == "api-key".length()) {
                question.put("credential", value);
            } else {
                headers.putArray(line.substring(0, colon)).add(value);
            }
        }
        if (!call.body().isEmpty()) {
            question.put("body", call.body());
        }
        return question;
    }

    private static String expected(Call call, JsonNode explanation) {
        JsonNode answer = explanation.required("answer");
        String outcome = explanation.required("outcome").stringValue();
        if (answer.isNull()) {
            assertThat(explanation.required("decided_by").isNull()).isTrue();
            return outcome.equals("allowed") ? "200" : outcome;
        }
        assertThat(outcome).isEqualTo("denied");
        assertThat(explanation.required("decided_by").isNull()).as(explanation.toString()).isFalse();
        assertThat(explanation.required("checks").valueStream()
                .filter(check -> check.required("deciding").booleanValue()).count()).isOne();
        assertThat(explanation.required("grant").isObject()).isTrue();
        return text(call, answer);
    }

    private static String text(Call call, JsonNode problem) {
        String status = problem.required("status").asString();
        return call.method().equals("HEAD")
                ? status + " without a body"
                : status + " " + problem.required("reason").stringValue() + "|" + problem.required("code").stringValue()
                        + "|" + problem.required("errno") + "|" + problem.required("detail").stringValue();
    }

    private static String actual(Call call, Reply reply) {
        if (reply.status() == 200 && reply.header("X-Backend").equals("yes")) {
            return "200";
        }
        return call.method().equals("HEAD") || reply.body().length == 0
                ? reply.status() + " without a body"
                : text(call, reply.json());
    }
}
