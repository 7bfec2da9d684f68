package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.postern.store.TestTlsRedis;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS on the public port, with a bundle of certificates: renewed without a restart, HTTP/2, client certificates. */
@OwnsItsGate
class TlsRenewalTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String[] FILES = {"key.pem", "certificate.pem"};

    @TempDir
    Path folder = Path.of("");

    private Path identity(String name) throws IOException {
        TestTlsRedis.newCertificate(folder.resolve(name), "dns:gate.test");
        return folder.resolve(name);
    }

    private static TestGate start(RecordingBackend backend, Path identity, String... more) {
        String[] properties = new String[more.length + 7];
        properties[0] = "management.server.ssl.enabled=false";
        properties[1] = "server.ssl.bundle=web";
        properties[2] = "spring.ssl.bundle.pem.web.keystore.certificate=file:" + identity.resolve("certificate.pem");
        properties[3] = "spring.ssl.bundle.pem.web.keystore.private-key=file:" + identity.resolve("key.pem");
        properties[4] = "spring.ssl.bundle.pem.web.reload-on-update=true";
        properties[5] = "spring.ssl.bundle.watch.file.quiet-period=100ms";
        properties[6] = "postern.backend=" + backend.address();
        System.arraycopy(more, 0, properties, 7, more.length);
        return TestGate.start(properties);
    }

    private static X509Certificate certificate(Path identity) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(identity.resolve("certificate.pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    /** @param identity with the certificate of the client; null for none */
    private static SSLSocket connect(int port, @Nullable Path identity, String... protocols)
            throws IOException, GeneralSecurityException {
        KeyManager[] keys = new KeyManager[0];
        if (identity != null) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(identity.resolve("keys.p12"))) {
                store.load(in, TestTlsRedis.STORE_PASSWORD);
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, TestTlsRedis.STORE_PASSWORD);
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static Reply call(SSLSocket socket, String key) throws IOException {
        socket.getOutputStream().write(("GET /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + key + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        return RawHttp.read(socket.getInputStream(), true);
    }

    private static X509Certificate shown(int port) throws IOException, GeneralSecurityException {
        try (SSLSocket socket = connect(port, null, "h2", "http/1.1")) {
            assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    @Test
    void showsARenewedCertificateToNewConnections() throws Exception {
        Path old = identity("old");
        Path renewed = identity("renewed");
        Path used = Files.createDirectory(folder.resolve("used"));
        copy(old, used);
        try (RecordingBackend backend = new RecordingBackend(); TestGate gate = start(backend, used)) {
            String key = gate.newCustomer().masterKey();
            try (SSLSocket open = connect(gate.port(), null)) {
                assertThat(call(open, key).status()).isEqualTo(200);
                assertThat(shown(gate.port())).isEqualTo(certificate(old));

                copy(renewed, used);

                await().atMost(LIMIT).until(() -> shown(gate.port()).equals(certificate(renewed)));
                assertThat(call(open, key).status()).isEqualTo(200);
            }
        }
    }

    /** Kubernetes mounts a Secret as links to a folder, and replaces the link to the folder. */
    @Test
    void noticesThatALinkLeadsToOtherFiles() throws Exception {
        Path old = identity("old");
        Path renewed = identity("renewed");
        Path mounted = Files.createDirectory(folder.resolve("mounted"));
        Path data = mounted.resolve("..data");
        Files.createSymbolicLink(data, old);
        for (String file : FILES) {
            Files.createSymbolicLink(mounted.resolve(file), Path.of("..data", file));
        }
        try (RecordingBackend backend = new RecordingBackend(); TestGate gate = start(backend, mounted)) {
            assertThat(shown(gate.port())).isEqualTo(certificate(old));

            Files.createSymbolicLink(mounted.resolve("..new"), renewed);
            Files.move(mounted.resolve("..new"), data, StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);

            await().atMost(LIMIT).until(() -> shown(gate.port()).equals(certificate(renewed)));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        for (String name : FILES) {
            Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    void acceptsClientCertificatesIfItShould() throws Exception {
        Path server = identity("server");
        Path known = identity("known");
        String trust = "spring.ssl.bundle.pem.web.truststore.certificate=file:" + known.resolve("certificate.pem");
        try (RecordingBackend backend = new RecordingBackend()) {
            try (TestGate gate = start(backend, server, trust, "server.ssl.client-auth=want")) {
                String key = gate.newCustomer().masterKey();
                for (Path client : new Path[]{null, known}) {
                    try (SSLSocket socket = connect(gate.port(), client)) {
                        assertThat(call(socket, key).status()).isEqualTo(200);
                    }
                }
            }
            try (TestGate gate = start(backend, server, trust, "server.ssl.client-auth=need")) {
                String key = gate.newCustomer().masterKey();
                try (SSLSocket socket = connect(gate.port(), known)) {
                    assertThat(call(socket, key).status()).isEqualTo(200);
                }
                // With TLS 1.3, a client learns of the refusal when it reads.
                assertThatThrownBy(() -> {
                    try (SSLSocket socket = connect(gate.port(), null)) {
                        call(socket, key);
                    }
                }).isInstanceOf(IOException.class);
            }
        }
    }
}
