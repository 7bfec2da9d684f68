package dev.postern.support;

import dev.postern.store.TestTlsRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A gate like the shared one, with TLS on its public port. */
public final class TlsGate {
    public static final TestGate GATE = start();

    private TlsGate() {}

    private static TestGate start() {
        try {
            Path folder = Files.createTempDirectory(Path.of("target"), "tls-gate-").toAbsolutePath();
            Path certificate = TestTlsRedis.newCertificate(folder, "dns:gate.test");
            List<String> properties = new ArrayList<>(
                    List.of("management.server.ssl.enabled=false", "server.ssl.certificate=file:" + certificate,
                            "server.ssl.certificate-private-key=file:" + folder.resolve("key.pem"),
                            "postern.forwarding.body-read-timeout=500ms",
                            "postern.backend=" + SharedGate.BACKEND.address()));
            return TestGate.start(properties.toArray(String[]::new));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
