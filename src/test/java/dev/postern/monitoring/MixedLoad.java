package dev.postern.monitoring;

import dev.postern.issuance.ExpiringWatch;
import dev.postern.license.LicenseWatch;
import dev.postern.support.ClientTokens;
import dev.postern.support.RawHttp;
import dev.postern.support.RawWebSocket;
import dev.postern.support.RecordingBackend.Received;
import dev.postern.support.SloppyBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestIssuer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/** A gate to which everything happens that its metrics measure: good calls and bad ones, through both lanes. */
final class MixedLoad implements AutoCloseable {
    private static final String EMPTY = "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n";

    private final TestIssuer issuer = new TestIssuer();
    private final SloppyBackend backend = new SloppyBackend(this::answer);
    private final TestGate gate = TestGate.start("postern.backend=" + backend.address(),
            "postern.license.enabled=true", "postern.issuers.test.issuer=" + TestIssuer.ISSUER,
            "postern.issuers.test.jwks-uri=" + issuer.jwksAddress(),
            "postern.issuers.test.audience=" + TestIssuer.AUDIENCE, "postern.issuers.test.account-claim=account");
    private final AtomicInteger rounds = new AtomicInteger();
    private final Customer customer;
    private final String key;
    private final JsonNode rsaFile;
    private final JsonNode jwtToken;
    private final Socket stream;

    MixedLoad() {
        customer = gate.newCustomer();
        StringBuilder devices = new StringBuilder();
        // The free plan has three seats, so two of these devices wait for one.
        for (int i = 0; i < 5; i++) {
            devices.append("{\"id\":\"lamp-").append(i).append("\",\"title\":\"lamp\"}\n");
        }
        require(200, customer.manage("POST", "/devices:import", devices.toString()));
        key = customer
                .newKey("[{\"access_methods\":[\"get\",\"put\",\"post\"],\"resources\":[{\"dev_id\":\"lamp-0\"}]}]");
        customer.make("/users", "{\"id\":\"alice\",\"name\":\"Alice\",\"devices\":[\"lamp-0\"]}");
        customer.make("/projects", "{\"id\":\"house\",\"name\":\"House\",\"devices\":[\"lamp-0\"]}");
        JsonNode rsaToken = customer.make("/rsa-tokens",
                "{\"name\":\"r\",\"apis\":[\"devices\"],\"projects\":[\"house\"]}");
        rsaFile = customer.manage("GET", "/rsa-tokens/" + rsaToken.required("id").stringValue() + "/file", "").json();
        jwtToken = customer.make("/jwt-tokens", "{\"name\":\"j\",\"apis\":[\"devices\"],\"users\":[\"alice\"]}");
        customer.make("/static-tokens", "{\"name\":\"s\",\"expires_at\":\""
                + Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(3, ChronoUnit.DAYS) + "\"}");
        stream = openStream();
        loseAWebSocket();
    }

    /** Opens a WebSocket with a key that is then deleted, and waits until the gate closes it. */
    private void loseAWebSocket() {
        String lost = newKey("lamp-0");
        try (RawWebSocket socket = RawWebSocket.open(gate.port(), "/logs/lamp-0", "api-key: " + lost)) {
            customer.keys("DELETE", "/keys/" + lost, "");
            socket.readClose();
        }
    }

    private static void require(int status, RawHttp.Reply reply) {
        if (reply.status() != status) {
            throw new AssertionError(reply.text());
        }
    }

    private void answer(SloppyBackend.Line line, Received request) throws IOException {
        String target = request.target();
        if (request.hasHeader("Upgrade")) {
            line.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Accept: " + RawWebSocket.accept(request.header("Sec-WebSocket-Key")) + "\r\n\r\n");
        } else if (target.startsWith("/cmds/history/")) {
            line.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        } else if (target.startsWith("/triggers")) {
            line.write(EMPTY.formatted("503 Service Unavailable"));
        } else if (target.startsWith("/logs")) {
            line.write("no HTTP at all\r\n\r\n");
        } else if (target.startsWith("/devices/lamp-1")) {
            // Bytes behind the response, so that the connection cannot be used again.
            line.write(EMPTY.formatted("404 Not Found") + "more");
        } else if (request.method().equals("POST") && target.equals("/devices")) {
            line.ok("{\"errno\":0,\"data\":{\"device_id\":\"new-" + rounds.get() + "\"}}");
        } else if (line.requests() > 1 && target.startsWith("/devices/lamp-2")) {
            // The gate sends the call again on another connection.
            line.close();
        } else {
            line.ok("{\"errno\":0}");
        }
    }

    private Socket openStream() {
        try {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.port());
            socket.getOutputStream().write(("GET /cmds/history/lamp-0 HTTP/1.1\r\nHost: gate\r\napi-key: "
                    + customer.masterKey() + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            if (!RawHttp.line(socket.getInputStream()).contains("200")) {
                throw new AssertionError("the stream was refused");
            }
            return socket;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    String masterKey() {
        return customer.masterKey();
    }

    /** A key that may read one device. */
    String newKey(String device) {
        return customer.newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"" + device + "\"}]}]");
    }

    TestGate gate() {
        return gate;
    }

    /** Text that no metric may show. */
    String[] secrets() {
        return new String[]{key, customer.masterKey(), jwtToken.required("secret").stringValue(), "lamp-0", "alice"};
    }

    /** One call of each kind. */
    void round() {
        int round = rounds.incrementAndGet();
        String master = customer.masterKey();
        for (int i = 0; i < 10; i++) {
            gate.call(key, "GET", "/devices/lamp-0");
        }
        gate.call(key, "POST", "/devices/lamp-0/datapoints", "{\"datastreams\":[{\"id\":\"t\",\"datapoints\":[]}]}");
        RawHttp.call(gate.port(), "GET", "/devices/lamp-0", "", "api-key: " + key, "TE: trailers");
        gate.call(key, "GET", "/devices/lamp-3");
        gate.call(key, "DELETE", "/devices/lamp-0");
        gate.call(master, "GET", "/devices/lamp-1");
        gate.call(master, "GET", "/devices/lamp-2");
        gate.call(master, "GET", "/devices/lamp-2");
        gate.call(master, "GET", "/devices/lamp-4");
        gate.call(master, "POST", "/devices", "{}");
        gate.call(master, "GET", "/triggers");
        gate.call(master, "GET", "/logs/lamp-0");
        gate.call("made-up-" + round, "GET", "/devices/lamp-0");
        gate.call(key, "GET", "/nowhere/" + round);
        bearer(ClientTokens.signed(jwtToken, ClientTokens.claims("\"sub\":\"alice\",\"jti\":\"" + round + "\"")));
        bearer(ClientTokens.encrypted(rsaFile, ""));
        bearer(issuer.accessToken(customer.account(), "devices:get", "\"round\":" + round));
        gate.operate("GET", "/api/v1/accounts", "");
        gate.operate("GET", "/api/v1/accounts?name=test", "");
        gate.context().getBean(LicenseWatch.class).look().block();
        gate.context().getBean(ExpiringWatch.class).look().block();
    }

    private void bearer(String token) {
        RawHttp.call(gate.port(), "GET", "/devices/lamp-0", "", "Authorization: Bearer " + token);
    }

    /** What Prometheus scrapes. */
    String scrape() {
        return RawHttp.call(gate.managementPort(), "GET", "/actuator/prometheus", "").text();
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        gate.close();
        backend.close();
    }
}
