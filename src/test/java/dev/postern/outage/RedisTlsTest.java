package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.documents.DocumentedRedisUserTest;
import dev.postern.license.LicenseWatch;
import dev.postern.store.TestRedis;
import dev.postern.store.TestTlsRedis;
import dev.postern.support.EveryScript;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestIssuer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gate on a Redis as a provider runs it: with TLS, a user with few rights, and no CONFIG. */
@Timeout(300)
@OwnsItsGate
class RedisTlsTest {
    @TempDir
    private Path folder;

    @Test
    void runsEveryScriptAsTheDocumentedUser() throws IOException {
        try (TestTlsRedis redis = new TestTlsRedis(folder, "ip:127.0.0.1", DocumentedRedisUserTest.user());
                RecordingBackend backend = new RecordingBackend();
                TestGate gate = start(redis, redis.certificate(), "postern.backend=" + backend.address())) {
            EveryScript.useDevicesAndLicenses(gate);
            EveryScript.useCredentials(gate);
            gate.context().getBean(LicenseWatch.class).look().block(TestRedis.LIMIT);

            assertThat(redis.refused()).as("what the user was refused").isEmpty();
        }
    }

    @Test
    void refusesARedisWithAnUntrustedCertificate() throws IOException {
        try (TestTlsRedis redis = new TestTlsRedis(folder, "ip:127.0.0.1", DocumentedRedisUserTest.user());
                TestGate gate = start(redis, TestTlsRedis.newCertificate(folder.resolve("other"), "ip:127.0.0.1"))) {
            assertAway(gate, "Signature does not match");
        }
    }

    @Test
    void refusesARedisWithAnotherName() throws IOException {
        try (TestTlsRedis redis = new TestTlsRedis(folder, "dns:elsewhere.test", DocumentedRedisUserTest.user());
                TestGate gate = start(redis, redis.certificate())) {
            assertAway(gate, "No subject alternative names matching");
        }
    }

    private static void assertAway(TestGate gate, String why) {
        assertThat(gate.call("any", "GET", "/devices/lamp").reason()).isEqualTo("store_unavailable");
        assertThat(gate.operate("GET", "/actuator/health", "").text()).contains(why);
    }

    private static TestGate start(TestTlsRedis redis, Path trusted, String... more) {
        return TestGate.start(Stream.of(redis.properties(trusted), EveryScript.properties(new TestIssuer()), more)
                .flatMap(Stream::of).toArray(String[]::new));
    }
}
