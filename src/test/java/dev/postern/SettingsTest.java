package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.call.RequestLogSettings;
import dev.postern.decision.RecentDecisionsSettings;
import dev.postern.inbound.CorsSettings;
import dev.postern.license.LicenseSettings;
import dev.postern.store.CacheSettings;
import dev.postern.store.OutageSettings;
import dev.postern.support.ChildGate;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestGate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.util.unit.DataSize;

/** The defaults are pinned. A setting that cannot be meant ends the start with a sentence that names the setting. */
@OwnsItsGate
@Order(3)
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
        assertThat(defaults.forwarding().accountShare()).isEqualTo(0.9);
        assertThat(defaults.forwarding().credentialShare()).isEqualTo(0.8);
        assertThat(defaults.forwarding().maxStreams()).isEqualTo(1024);
        assertThat(defaults.forwarding().uploadGrace()).isEqualTo(Duration.ofSeconds(10));
        assertThat(defaults.forwarding().minUploadRate()).isEqualTo(DataSize.ofBytes(240));
        assertThat(defaults.reload().watch()).isTrue();
        assertThat(defaults.reload().interval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(defaults.backends()).isEmpty();
        assertThat(defaults.forwarding().connectionMaxIdle()).isEqualTo(Duration.ofSeconds(20));
        assertThat(defaults.forwarding().maxBodyRead()).isEqualTo(DataSize.ofKilobytes(64));
        assertThat(defaults.forwarding().bodyReadTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(defaults.forwarding().maxStreams()).isEqualTo(1024);
        assertThat(defaults.forwarding().maxWebsocketMessage()).isEqualTo(DataSize.ofMegabytes(16));
        assertThat(defaults.forwarding().trustedProxies()).isEmpty();
        assertThat(defaults.cors())
                .isEqualTo(new CorsSettings(List.of(), List.of("GET", "HEAD", "POST", "PUT", "DELETE"),
                        List.of("Authorization", "api-key", "Content-Type"), List.of(), false, Duration.ofMinutes(30)));
        assertThat(defaults.onenet().maxKeysPerAccount()).isEqualTo(10_000);
        assertThat(defaults.onenet().maxBody()).isEqualTo(DataSize.ofMegabytes(1));
        assertThat(defaults.onenet().bodyReadTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(defaults.tokens().maxLifetime()).isEqualTo(Duration.ofHours(24));
        assertThat(defaults.tokens().clockSkew()).isEqualTo(Duration.ofSeconds(60));
        assertThat(defaults.tokens().audience()).isEqualTo("postern");
        assertThat(defaults.tokens().rsaKeyBits()).isEqualTo(2048);
        assertThat(defaults.tokens().accessTokenLifetime()).isEqualTo(Duration.ofHours(2));
        assertThat(defaults.tokens().secretOverlap()).isEqualTo(Duration.ofHours(24));
        assertThat(defaults.tokens().maxSecretOverlap()).isEqualTo(Duration.ofDays(90));
        assertThat(defaults.tokens().terminalLifetime()).isEqualTo(Duration.ofDays(90));
        assertThat(defaults.tokens().maxTerminals()).isEqualTo(100_000);
        assertThat(defaults.tokens().maxPerAccount()).isEqualTo(1000);
        assertThat(defaults.tokens().verifiers()).isEqualTo(2);
        assertThat(defaults.tokens().maxWaiting()).isEqualTo(256);
        assertThat(defaults.tokens().rememberFor()).isEqualTo(Duration.ofMinutes(10));
        assertThat(defaults.tokens().rememberSize()).isEqualTo(DataSize.ofMegabytes(64));
        assertThat(defaults.tokens().maxOpenKeys()).isEqualTo(1000);
        assertThat(defaults.console().keyHolderPageOnPublicPort()).isFalse();
        assertThat(defaults.license().enabled()).isTrue();
        assertThat(defaults.license().enrollment()).isEqualTo(LicenseSettings.Enrollment.STRICT);
        assertThat(defaults.license().minimumDevices()).isEqualTo(3);
        assertThat(defaults.license().freeSeats()).isEqualTo(3);
        assertThat(defaults.license().freeYears()).isEqualTo(1);
        assertThat(defaults.license().maxDevices()).isEqualTo(20_000_000);
        assertThat(defaults.license().rememberFor()).isEqualTo(Duration.ofSeconds(30));
        assertThat(defaults.cache()).isEqualTo(new CacheSettings(Duration.ofSeconds(30), Duration.ofSeconds(2),
                DataSize.ofMegabytes(64), 100_000, false));
        assertThat(defaults.outage()).isEqualTo(new OutageSettings(Duration.ofMinutes(5), Duration.ofSeconds(30)));
        assertThat(defaults.license().rememberSize()).isEqualTo(100_000);
        assertThat(defaults.recentDecisions())
                .isEqualTo(new RecentDecisionsSettings(false, 20_000, Duration.ofHours(24)));
        assertThat(defaults.requestLog())
                .isEqualTo(new RequestLogSettings(RequestLogSettings.Mode.OFF, 0.01, 10_000));
        assertThat(defaults.apis()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"sample-rate, -0.01", "sample-rate, 1.01", "sample-rate, NaN", "queue, 99", "queue, 1000001"})
    void namesTheSettingOfTheRequestLogThatIsOutOfItsRange(String name, String value) {
        Binder binder = new Binder(new MapConfigurationPropertySource(Map.of("postern.request-log." + name, value)));

        assertThatThrownBy(() -> binder.bindOrCreate("postern", PosternProperties.class)).rootCause()
                .hasMessageStartingWith("postern.request-log." + name + " must be");
    }

    @ParameterizedTest
    @CsvSource({"size, 99", "size, 1000001", "keep-for, 0", "keep-for, 745h"})
    void namesTheSettingOfRecentDecisionsThatIsOutOfItsRange(String name, String value) {
        Binder binder = new Binder(
                new MapConfigurationPropertySource(Map.of("postern.recent-decisions." + name, value)));

        assertThatThrownBy(() -> binder.bindOrCreate("postern", PosternProperties.class)).rootCause()
                .hasMessageStartingWith("postern.recent-decisions." + name + " must be");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "minimum-devices | -1 | must be from 0 to 100000000", "minimum-devices | 100000001 | must be from 0 to",
            "free-seats | -1 | must be from 0 to 100000000", "free-seats | 100000001 | must be from 0 to",
            "free-years | 0 | must be from 1 to 100", "free-years | 101 | must be from 1 to 100",
            "max-devices | 0 | must be from 1 to 100000000", "max-devices | 100000001 | must be from 1 to",
            "remember-for | -1ms | must be from 0 to 1 minute", "remember-for | 61s | must be from 0 to 1 minute",
            "remember-size | -1 | must be from 0 to 10000000", "remember-size | 10000001 | must be from 0 to"})
    void namesTheSettingOfLicensesThatIsOutOfItsRange(String name, String value, String complaint) {
        Binder binder = new Binder(new MapConfigurationPropertySource(Map.of("postern.license." + name, value)));

        assertThatThrownBy(() -> binder.bindOrCreate("postern", PosternProperties.class)).rootCause()
                .hasMessageStartingWith("postern.license." + name + " ").hasMessageContaining(complaint);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"allowed-origins | https://app.test/", "allowed-origins | app.test",
            "allowed-origins | https://App.test", "allowed-origins | null", "allowed-methods | GET PUT",
            "allowed-headers | X:Y", "exposed-headers | a b", "max-age | -1s"})
    void namesTheInvalidCorsSetting(String name, String value) {
        Binder binder = new Binder(new MapConfigurationPropertySource(Map.of("postern.cors." + name, value)));

        assertThatThrownBy(() -> binder.bindOrCreate("postern", PosternProperties.class)).rootCause()
                .hasMessageContaining("postern.cors." + name);
    }

    @Test
    void refusesThePageOfKeyHoldersWithoutAConsole() {
        Binder binder = new Binder(new MapConfigurationPropertySource(Map.of("postern.console.enabled", "false",
                "postern.console.key-holder-page-on-public-port", "true")));

        assertThatThrownBy(() -> binder.bindOrCreate("postern", PosternProperties.class)).rootCause()
                .hasMessage("postern.console.key-holder-page-on-public-port needs postern.console.enabled");
    }

    @Test
    void refusesCredentialsFromAnyOrigin() {
        Binder binder = new Binder(new MapConfigurationPropertySource(
                Map.of("postern.cors.allowed-origins", "*", "postern.cors.allow-credentials", "true")));

        assertThatThrownBy(() -> binder.bindOrCreate("postern", PosternProperties.class)).rootCause()
                .hasMessageContaining("postern.cors.allow-credentials");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"cache.time-to-live | -1ms", "cache.time-to-live | 61m",
            "cache.absent-for | 31s", "cache.size | -1B", "cache.log-length | 999", "cache.log-length | 10000001",
            "outage.read-grace | -1s", "outage.write-grace | 25h"})
    void namesTheCacheSettingThatIsOutOfRange(String name, String value) {
        Binder binder = new Binder(new MapConfigurationPropertySource(Map.of("postern." + name, value)));

        assertThatThrownBy(() -> binder.bindOrCreate("postern", PosternProperties.class)).rootCause()
                .hasMessageContaining(name.substring(name.indexOf('.') + 1)).hasMessageContaining("postern.");
    }

    @ParameterizedTest
    @CsvSource({"minimum-devices, 0", "free-seats, 0", "free-years, 100", "max-devices, 1", "remember-for, 0",
            "remember-for, 1m", "remember-size, 0", "enrollment, first-use"})
    void acceptsLicenseSettingsAtTheEndsOfTheirRanges(String name, String value) {
        Binder binder = new Binder(new MapConfigurationPropertySource(Map.of("postern.license." + name, value)));

        assertThatCode(() -> binder.bindOrCreate("postern", PosternProperties.class)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "--postern.bakend=http://127.0.0.1:1 | postern.bakend",
            "--postern.forwarding.respons-timeout=1s | postern.forwarding.respons-timeout",
            "--postern.backend=ftp://127.0.0.1 | postern.backend",
            "--postern.forwarding.trusted-proxies=10.0.0.0 | postern.forwarding.trusted-proxies",
            "--postern.forwarding.connect-timeout=0s | postern.forwarding.connect-timeout",
            "--postern.forwarding.max-streams=0 | max-streams",
            "--postern.forwarding.max-websocket-message=0B | postern.forwarding.max-websocket-message",
            "--postern.apis.x.operations[0].call=FLY /x | postern.apis.x.operations[0].call",
            "--postern.license.free-years=0 | postern.license.free-years must be from 1 to 100",
            "--postern.license.enrollment=sometimes | postern.license.enrollment",
            "--postern.license.free-seats=many | postern.license.free-seats",
            "--postern.license.free-seat=5 | postern.license.free-seat",
            "--postern.secret-keys.create=false | postern.secret-keys.file"})
    void namesTheSettingThatEndsTheStart(String argument, String named) {
        assertThatThrownBy(() -> TestGate.start("postern.data-dir=" + data, argument.substring("--".length())))
                .satisfies(failure -> assertThat(descriptionOf(failure)).contains(named));
    }

    @Test
    void namesTheOperationWhosePathThePageOfKeyHoldersTakes() {
        assertThatThrownBy(() -> TestGate.start("postern.data-dir=" + data,
                "postern.console.key-holder-page-on-public-port=true",
                "postern.apis.mine.operations[0].call=GET /me/{device}"))
                .satisfies(failure -> assertThat(descriptionOf(failure))
                        .isEqualTo("postern.console.key-holder-page-on-public-port takes the path /me/{device} of"
                                + " postern.apis.mine: nobody could call it"));
    }

    /** The description by the first analyzer that recognizes the failure, as Spring Boot prints it. */
    private static String descriptionOf(Throwable failure) {
        return SpringFactoriesLoader.forDefaultResourceLocation()
                .load(FailureAnalyzer.class, ArgumentResolver.of(BeanFactory.class, new StaticListableBeanFactory())
                        .and(Environment.class, new StandardEnvironment()),
                        // Some analyzers need a context. Spring Boot leaves them out, too, if there is none.
                        (_, _, _) -> {})
                .stream().sorted(AnnotationAwareOrderComparator.INSTANCE)
                .map(analyzer -> analyzer.analyze(failure)).filter(Objects::nonNull).findFirst()
                .map(FailureAnalysis::getDescription).orElse("");
    }

    @Test
    @LongTest
    void endsTheStartWithASentenceInsteadOfAStack() {
        try (ChildGate gate = new ChildGate(List.of("-Xmx256m"),
                List.of("--postern.data-dir=" + data, "--postern.bakend=http://127.0.0.1:1"))) {
            assertThat(gate.awaitEnd()).isNotZero();
            assertThat(gate.output()).contains("There is no such setting: postern.bakend")
                    .doesNotContain("\tat dev.postern");
        }
    }
}
