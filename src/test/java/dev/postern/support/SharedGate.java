package dev.postern.support;

import dev.postern.gate.IssuerClaimsTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** One gate for the tests that do not disturb it, with the shipped catalogue and a few more APIs that tests need. */
public final class SharedGate {
    private static final List<String> SHIPPED = List.of("devices", "datastreams", "datapoints", "commands", "bindata",
            "triggers", "logs");

    public static final RecordingBackend BACKEND = new RecordingBackend();
    /** Accepts calls and never answers. */
    public static final SilentServer SILENT = new SilentServer(false);
    /** Accepts calls and hangs up. */
    public static final SilentServer HANGING_UP = new SilentServer(true);
    public static final StreamingBackend STREAMING = new StreamingBackend();
    public static final TestIssuer ISSUER = new TestIssuer();
    /** An issuer whose claims are in objects, as those of Keycloak are; only {@link IssuerClaimsTest} uses it. */
    public static final TestIssuer REALM = new TestIssuer();
    public static final String REALM_ISSUER = "https://realm.test";
    public static final TestGate GATE = start();

    private SharedGate() {}

    private static TestGate start() {
        List<String> properties = new ArrayList<>();
        SHIPPED.forEach(api -> properties.add("postern.apis." + api + ".backend=" + BACKEND.address()));
        api(properties, "body-devices", BACKEND.address(), "POST /batch", "body:targets[].device");
        api(properties, "header-devices", BACKEND.address(), "GET /by-header", "header:X-Device");
        api(properties, "without-backend", "", "GET /nowhere/{device}", "");
        api(properties, "unreachable", "http://127.0.0.1:1", "GET /unreachable/{device}", "");
        api(properties, "plain-behind-https", BACKEND.address().replace("http:", "https:"),
                "GET /plain-behind-https/{device}", "");
        api(properties, "silent", SILENT.address(), "GET /silent/{device}", "");
        api(properties, "hanging-up", HANGING_UP.address(), "GET /hanging-up/{device}", "");
        api(properties, "failing", BACKEND.address(), "GET /failing/{device}", "");
        api(properties, "events", STREAMING.address(), "GET /events/{device}", "");
        api(properties, "endless", STREAMING.address(), "GET /endless/{device}", "");
        api(properties, "socket", STREAMING.address(), "GET /socket/{device}", "");
        api(properties, "checked", BACKEND.address(), "POST /checked", "query:device_id");
        properties.add("postern.apis.checked.operations[0].body=checked");
        properties.add("postern.apis.failing.filters[0]=Failing");
        issuer(properties, "test", TestIssuer.ISSUER, ISSUER.jwksAddress());
        issuer(properties, "down", "https://down.test", "http://127.0.0.1:1/jwks");
        issuer(properties, "realm", REALM_ISSUER, REALM.jwksAddress());
        properties.add("postern.issuers.realm.type=jwt");
        properties.add("postern.issuers.realm.account-claim=tenant.id");
        properties.add("postern.issuers.realm.scopes-claim=realm_access.roles");
        properties.add("postern.issuers.realm.devices-claim=https://example.com/devices");
        properties.add("postern.forwarding.response-timeout=1500ms");
        properties.add("postern.forwarding.body-read-timeout=500ms");
        properties.add("postern.forwarding.max-connections=8");
        properties.add("postern.forwarding.max-pending=8");
        return TestGate.start(new Class<?>[]{Filters.class}, properties.toArray(String[]::new));
    }

    private static void issuer(List<String> properties, String name, String issuer, String jwksAddress) {
        String prefix = "postern.issuers." + name + ".";
        properties.add(prefix + "issuer=" + issuer);
        properties.add(prefix + "jwks-uri=" + jwksAddress);
        properties.add(prefix + "audience=" + TestIssuer.AUDIENCE);
        properties.add(prefix + "account-claim=account");
        properties.add(prefix + "devices-claim=devices");
    }

    private static void api(List<String> properties, String id, String backend, String call, String devices) {
        properties.add("postern.apis." + id + ".backend=" + backend);
        properties.add("postern.apis." + id + ".operations[0].call=" + call);
        if (!devices.isEmpty()) {
            properties.add("postern.apis." + id + ".operations[0].devices=" + devices);
        }
    }

    /** A filter with a defect. */
    @Configuration(proxyBeanMethods = false)
    static class Filters {
        @Bean
        FailingGatewayFilterFactory failingFilter() {
            return new FailingGatewayFilterFactory();
        }
    }

    static final class FailingGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
        @Override
        public GatewayFilter apply(Object config) {
            return (exchange, chain) -> {
                throw new IllegalStateException("a defect of a filter");
            };
        }
    }

    /** A server that takes connections and says nothing. */
    public static final class SilentServer {
        private final ServerSocket server;
        private final List<Socket> held = new CopyOnWriteArrayList<>();

        SilentServer(boolean hangUp) {
            try {
                server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
            Thread.ofPlatform().daemon().name("silent-server").start(() -> accept(hangUp));
        }

        private void accept(boolean hangUp) {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    if (hangUp) {
                        // Closes when the first byte of the request has arrived: the call was sent, and then nothing
                        // came.
                        socket.getInputStream().read();
                        socket.close();
                    } else {
                        held.add(socket);
                    }
                } catch (IOException closed) {
                    return;
                }
            }
        }

        public String address() {
            return "http://127.0.0.1:" + server.getLocalPort();
        }
    }
}
