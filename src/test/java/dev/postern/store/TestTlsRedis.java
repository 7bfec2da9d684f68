package dev.postern.store;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Redis that is reached only by TLS. A gate's user has only the rights that it is given, and nobody may run
 * {@code CONFIG}.
 */
public final class TestTlsRedis implements AutoCloseable {
    private static final String ADMIN_PASSWORD = "the-password-of-the-tests";
    public static final char[] STORE_PASSWORD = "changeit".toCharArray();

    private final Path certificate;
    private final RedisProcess server;

    /**
     * @param folder where its certificate and key are made
     * @param name   the name in its certificate, as keytool takes it
     * @param user   the ACL line of the gate's user
     */
    public TestTlsRedis(Path folder, String name, String user) throws IOException {
        certificate = newCertificate(folder, name);
        int port = RedisProcess.freePorts(1)[0];
        server = RedisProcess.server(port, "port 0", "tls-port " + port, "tls-cert-file " + certificate,
                "tls-key-file " + folder.resolve("key.pem").toAbsolutePath(), "tls-auth-clients no",
                "rename-command CONFIG \"\"", "user default off",
                "user admin on >" + ADMIN_PASSWORD + " ~* &* +@all", user);
    }

    /** Makes a certificate that is signed by its own key, and writes the key to a file beside it. */
    public static Path newCertificate(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        Path store = folder.resolve("keys.p12");
        keytool("-genkeypair", "-alias", "redis", "-keyalg", "EC", "-dname", "CN=redis", "-ext", "san=" + name,
                "-storetype", "PKCS12", "-storepass", new String(STORE_PASSWORD), "-keystore", store.toString());
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, STORE_PASSWORD);
            Files.writeString(folder.resolve("key.pem"),
                    pem("PRIVATE KEY", keys.getKey("redis", STORE_PASSWORD).getEncoded()));
            return Files.writeString(folder.resolve("certificate.pem"),
                    pem("CERTIFICATE", keys.getCertificate("redis").getEncoded())).toAbsolutePath();
        } catch (GeneralSecurityException failed) {
            throw new IOException(failed);
        }
    }

    private static String pem(String label, byte[] content) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content)
                + "\n-----END " + label + "-----\n";
    }

    private static void keytool(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException("keytool failed");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    public Path certificate() {
        return certificate;
    }

    /** The properties that send a gate here, as the documented user. */
    public String[] properties(Path trusted) {
        return new String[]{"spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + server.port(),
                "spring.data.redis.username=postern", "spring.data.redis.password=password",
                "spring.data.redis.ssl.bundle=redis",
                "spring.ssl.bundle.pem.redis.truststore.certificate=file:" + trusted,
                "postern.secret-keys.create=true"};
    }

    /** What users were refused so far. */
    public List<Object> refused() {
        RedisURI uri = RedisURI.builder().withHost("127.0.0.1").withPort(server.port()).withSsl(true)
                .withVerifyPeer(SslVerifyMode.NONE).withAuthentication("admin", ADMIN_PASSWORD.toCharArray()).build();
        List<Map<String, Object>> log = server.ask(uri, RedisCommands::aclLog);
        return List.copyOf(log);
    }

    @Override
    public void close() {
        server.close();
    }
}
