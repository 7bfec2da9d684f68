package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.store.TestTlsRedis;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawWebSocket;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.TestGate;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** WebSockets of clients that come over TLS. */
@OwnsItsGate
class WebSocketTlsTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void passesLargeFramesAndClosesOverTls() throws Exception {
        Path certificate = TestTlsRedis.newCertificate(folder, "dns:localhost");
        try (ScriptedBackend backend = new ScriptedBackend();
                TestGate gate = TestGate.start("postern.backend=" + backend.address(),
                        "postern.apis.socket.operations[0].call=GET /socket/{device}",
                        "management.server.ssl.enabled=false", "server.ssl.certificate=" + certificate,
                        "server.ssl.certificate-private-key=" + folder.resolve("key.pem").toAbsolutePath())) {
            backend.play(stage -> {
                RawWebSocket socket = stage.upgrade("Sec-WebSocket-Protocol: v2");
                socket.send(true, RawWebSocket.BINARY, socket.readMessage().payload());
                socket.readClose();
            });
            String masterKey = gate.newCustomer().masterKey();
            try (Socket connection = trusting(certificate).getSocketFactory().createSocket("localhost", gate.port());
                    RawWebSocket client = RawWebSocket.open(connection, "/socket/lamp", "api-key: " + masterKey,
                            "Sec-WebSocket-Protocol: v1, v2")) {
                byte[] payload = RawWebSocket.bytes(1_000_000);
                client.send(true, RawWebSocket.BINARY, payload);
                assertThat(client.readMessage().payload()).isEqualTo(payload);
                client.close(4001, "done");
                assertThat(client.read().code()).isEqualTo(4001);
                assertThat(client.readToEnd()).isEmpty();
            }
        }
    }

    private static SSLContext trusting(Path certificate) throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            trusted.setCertificateEntry("gate", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
