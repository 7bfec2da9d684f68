package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

/** Defaults are pinned; what cannot be meant ends the start with a sentence that names it. */
class SettingsTest {
    @TempDir
    Path data = Path.of("");

    @Test
    void hasTheseDefaults() {
        PosternProperties defaults = new Binder(new MapConfigurationPropertySource(Map.of()))
                .bindOrCreate("postern", PosternProperties.class);

        assertThat(defaults.dataDir()).isEqualTo("./data");
        assertThat(defaults.operatorToken()).isNull();
        assertThat(defaults.backend()).isNull();
        assertThat(defaults.demo()).isNull();
        assertThat(defaults.secretKeys().file()).isNull();
        assertThat(defaults.secretKeys().create()).isNull();
        assertThat(defaults.store().commandTimeout()).isEqualTo(Duration.ofMillis(100));
        assertThat(defaults.store().maxInFlight()).isEqualTo(4096);
        assertThat(defaults.store().connectTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(defaults.forwarding().connectTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(defaults.forwarding().responseTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(defaults.forwarding().idleTimeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(defaults.forwarding().maxConnections()).isEqualTo(512);
        assertThat(defaults.forwarding().maxPending()).isEqualTo(1024);
        assertThat(defaults.forwarding().pendingTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(defaults.forwarding().connectionMaxIdle()).isEqualTo(Duration.ofSeconds(20));
        assertThat(defaults.forwarding().maxBodyRead()).isEqualTo(DataSize.ofKilobytes(64));
        assertThat(defaults.forwarding().bodyReadTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(defaults.forwarding().trustedProxies()).isEmpty();
        assertThat(defaults.onenet().maxKeysPerAccount()).isEqualTo(10_000);
        assertThat(defaults.onenet().maxBody()).isEqualTo(DataSize.ofMegabytes(1));
        assertThat(defaults.onenet().bodyReadTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(defaults.tokens().maxLifetime()).isEqualTo(Duration.ofHours(24));
        assertThat(defaults.tokens().clockSkew()).isEqualTo(Duration.ofSeconds(60));
        assertThat(defaults.tokens().audience()).isEqualTo("postern");
        assertThat(defaults.tokens().rsaKeyBits()).isEqualTo(2048);
        assertThat(defaults.tokens().accessTokenLifetime()).isEqualTo(Duration.ofHours(2));
        assertThat(defaults.tokens().secretOverlap()).isEqualTo(Duration.ofHours(24));
        assertThat(defaults.tokens().terminalLifetime()).isEqualTo(Duration.ofDays(90));
        assertThat(defaults.tokens().maxTerminals()).isEqualTo(100_000);
        assertThat(defaults.tokens().maxPerAccount()).isEqualTo(1000);
        assertThat(defaults.tokens().verifiers()).isEqualTo(2);
        assertThat(defaults.tokens().maxWaiting()).isEqualTo(256);
        assertThat(defaults.tokens().rememberFor()).isEqualTo(Duration.ofMinutes(10));
        assertThat(defaults.tokens().rememberSize()).isEqualTo(DataSize.ofMegabytes(64));
        assertThat(defaults.tokens().maxOpenKeys()).isEqualTo(1000);
        assertThat(defaults.apis()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "--postern.bakend=http://127.0.0.1:1 | postern.bakend",
            "--postern.forwarding.respons-timeout=1s | postern.forwarding.respons-timeout",
            "--postern.backend=ftp://127.0.0.1 | postern.backend",
            "--postern.forwarding.trusted-proxies=10.0.0.0 | postern.forwarding.trusted-proxies",
            "--postern.forwarding.connect-timeout=0s | postern.forwarding.connect-timeout",
            "--postern.apis.x.operations[0].call=FLY /x | postern.apis.x.operations[0].call",
            "--postern.secret-keys.create=false | postern.secret-keys.file"})
    void endsTheStartWithASentence(String argument, String named) {
        List<String> arguments = new ArrayList<>(List.of("--postern.data-dir=" + data));
        arguments.add(argument);
        try (ChildGate gate = new ChildGate(List.of("-Xmx256m"), arguments)) {
            assertThat(gate.awaitEnd()).isNotZero();
            assertThat(gate.output()).contains(named).doesNotContain("\tat dev.postern");
        }
    }
}
