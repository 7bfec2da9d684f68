package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.postern.store.TestTlsRedis;
import dev.postern.support.BothLanes;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.SloppyBackend;
import dev.postern.support.TestGate;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** The settings of a single backend have an effect. The backend here uses TLS and requires a client certificate. */
@BothLanes
@OwnsItsGate
@Order(4)
class BackendSettingsTest {
    @TempDir
    Path folder = Path.of("");

    /** A backend that takes only those calls that present the client's certificate. */
    private static final class TlsBackend implements AutoCloseable {
        private final List<String> names = new CopyOnWriteArrayList<>();
        private final DisposableServer server;

        TlsBackend(Path ofServer, Path ofClient) throws IOException {
            SslContext context = SslContextBuilder
                    .forServer(file(ofServer, "certificate.pem"), file(ofServer, "key.pem"))
                    .trustManager(file(ofClient, "certificate.pem")).clientAuth(ClientAuth.REQUIRE).build();
            server = HttpServer.create().host("127.0.0.1").port(0).secure(spec -> spec.sslContext(context))
                    .handle((request, response) -> {
                        request.withConnection(connection -> note(
                                connection.channel().pipeline().get(SslHandler.class).engine().getSession()));
                        return response.sendString(Mono.just("hello"));
                    }).bindNow();
        }

        private void note(SSLSession session) {
            names.add(((ExtendedSSLSession) session).getRequestedServerNames().toString());
        }

        String address() {
            return "https://127.0.0.1:" + server.port();
        }

        @Override
        public void close() {
            server.disposeNow();
        }
    }

    private static File file(Path folder, String name) {
        return folder.resolve(name).toFile();
    }

    private Path identity(String name, String san) throws IOException {
        Path made = folder.resolve(name);
        TestTlsRedis.newCertificate(made, san);
        return made;
    }

    private static String[] properties(String address, Path trusted, Path client, String... more) {
        List<String> properties = new ArrayList<>(List.of("postern.backend=" + address,
                "postern.backends.plant.address=" + address, "postern.backends.plant.ssl-bundle=plant",
                "spring.ssl.bundle.pem.plant.truststore.certificate=file:" + file(trusted, "certificate.pem"),
                "spring.ssl.bundle.pem.plant.keystore.certificate=file:" + file(client, "certificate.pem"),
                "spring.ssl.bundle.pem.plant.keystore.private-key=file:" + file(client, "key.pem")));
        properties.addAll(List.of(more));
        return properties.toArray(String[]::new);
    }

    @Test
    void trustsTheCaAndPresentsTheCertificateOfItsBundle() throws IOException {
        Path server = identity("server", "ip:127.0.0.1");
        Path client = identity("client", "dns:gate.test");
        Path stranger = identity("stranger", "dns:stranger.test");
        try (TlsBackend backend = new TlsBackend(server, client)) {
            try (TestGate gate = TestGate.start(properties(backend.address(), server, client))) {
                String key = gate.newCustomer().masterKey();
                assertThat(gate.call(key, "GET", "/devices/lamp").text()).isEqualTo("hello");
            }
            for (Path[] wrong : new Path[][]{{stranger, client}, {server, stranger}}) {
                try (TestGate gate = TestGate.start(properties(backend.address(), wrong[0], wrong[1]))) {
                    String key = gate.newCustomer().masterKey();
                    assertThat(gate.call(key, "GET", "/devices/lamp").reason()).isEqualTo("backend_tls_failed");
                }
            }
        }
    }

    @Test
    void checksTheConfiguredNameInsteadOfTheHost() throws IOException {
        Path server = identity("server", "dns:plant.test");
        Path client = identity("client", "dns:gate.test");
        try (TlsBackend backend = new TlsBackend(server, client)) {
            try (TestGate gate = TestGate.start(properties(backend.address(), server, client,
                    "postern.backends.plant.server-name=plant.test"))) {
                String key = gate.newCustomer().masterKey();
                assertThat(gate.call(key, "GET", "/devices/lamp").text()).isEqualTo("hello");
                assertThat(backend.names.getLast()).contains("plant.test");
            }
            for (String name : new String[]{"", "postern.backends.plant.server-name=other.test"}) {
                String[] more = name.isEmpty() ? new String[0] : new String[]{name};
                try (TestGate gate = TestGate.start(properties(backend.address(), server, client, more))) {
                    String key = gate.newCustomer().masterKey();
                    assertThat(gate.call(key, "GET", "/devices/lamp").reason()).isEqualTo("backend_tls_failed");
                }
            }
        }
    }

    @Test
    void usesARenewedCertificateWithoutARestart() throws IOException {
        Path server = identity("server", "ip:127.0.0.1");
        Path old = identity("old", "dns:gate.test");
        Path renewed = identity("renewed", "dns:gate.test");
        Path used = Files.createDirectory(folder.resolve("used"));
        copy(old, used);
        try (TlsBackend backend = new TlsBackend(server, renewed);
                TestGate gate = TestGate.start(properties(backend.address(), server, used,
                        "spring.ssl.bundle.pem.plant.reload-on-update=true",
                        "spring.ssl.bundle.watch.file.quiet-period=100ms"))) {
            String key = gate.newCustomer().masterKey();
            assertThat(gate.call(key, "GET", "/devices/lamp").reason()).isEqualTo("backend_tls_failed");

            copy(renewed, used);

            await().atMost(Duration.ofSeconds(60)).until(
                    () -> gate.call(key, "GET", "/devices/lamp").text().equals("hello"));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        for (String name : new String[]{"key.pem", "certificate.pem"}) {
            Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    void closesOldAndUnsharedConnections() {
        for (String limit : new String[]{"connection-max-life=1ms", "reuse-connections=false"}) {
            try (SloppyBackend backend = new SloppyBackend((line, _) -> line.ok("fine"));
                    TestGate gate = TestGate.start("postern.backend=" + backend.address(),
                            "postern.backends.plant.address=" + backend.address(),
                            "postern.backends.plant." + limit)) {
                String key = gate.newCustomer().masterKey();
                for (int i = 0; i < 5; i++) {
                    assertThat(gate.call(key, "GET", "/devices/lamp").text()).isEqualTo("fine");
                    // A quick call may take less than the life of the connection.
                    LockSupport.parkNanos(Duration.ofMillis(3).toNanos());
                }
                assertThat(backend.connections()).as(limit).isEqualTo(5);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "postern.backends.plant.ssl-bundle=none | postern.backends.plant.ssl-bundle: there is no bundle 'none'",
            "postern.backends.plant.server-name=.. | postern.backends.plant.server-name: '..' is not a host name",
            "postern.backends.plant.address=ftp://x | postern.backends.plant.address",
            "postern.backends.other.address=http://127.0.0.1:1/ | .address is also the address of postern.backends.",
            "postern.backends.plant.max-connections=0 | postern.backends.plant.max-connections must be at least 1",
            "postern.backends.plant.connection-max-life=0s | postern.backends.plant.connection-max-life must be more",
            "postern.backends.plant.adress=http://x | postern.backends.plant.adress"})
    void endsTheStartForASettingThatCannotBeMeant(String setting, String complaint) {
        assertThatThrownBy(() -> TestGate.start("postern.backends.plant.address=http://127.0.0.1:1", setting))
                .satisfies(failure -> {
                    StringBuilder messages = new StringBuilder();
                    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                        messages.append(cause).append('\n');
                    }
                    assertThat(messages.toString()).contains(complaint);
                });
    }
}
