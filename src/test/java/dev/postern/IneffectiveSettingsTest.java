package dev.postern;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class IneffectiveSettingsTest {
    private static final String GATEWAY = "spring.cloud.gateway.server.webflux.";

    private static StandardEnvironment environment(Map<String, Object> properties) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("test", properties));
        return environment;
    }

    @ParameterizedTest
    @CsvSource({
            GATEWAY + "httpclient.ssl.use-insecure-trust-manager, postern.backends.<name>.ssl-bundle",
            GATEWAY + "httpclient.ssl.trustedX509Certificates[0], postern.backends.<name>.ssl-bundle",
            GATEWAY + "httpclient.pool.max-connections, postern.forwarding.max-connections",
            GATEWAY + "httpclient.connect-timeout, postern.forwarding.connect-timeout",
            GATEWAY + "httpclient.response-timeout, postern.forwarding.response-timeout",
            GATEWAY + "httpclient.proxy.host, postern.forwarding",
            GATEWAY + "trusted-proxies, postern.forwarding.trusted-proxies",
            GATEWAY + "x-forwarded.enabled, postern.forwarding.trusted-proxies",
            "spring.cloud.gateway.httpclient.connect-timeout, postern.forwarding",
            "spring.cloud.gateway.routes[0].id, " + GATEWAY + "routes",
            "server.forward-headers-strategy, postern.forwarding.trusted-proxies"})
    void namesWhatToUseInstead(String name, String instead) {
        assertThatThrownBy(() -> IneffectiveSettings.refuse(environment(Map.of(name, "10"))))
                .hasMessageContaining(name.replaceFirst("(\\[0].*|\\.[^.]*)$", "")).hasMessageContaining(instead);
    }

    @Test
    void refusesABodyOfAnUpgrade() {
        String name = "server.netty.h2c-max-content-length";
        StandardEnvironment environment = environment(Map.of(name, "1KB"));
        environment.setConversionService(new ApplicationConversionService());

        assertThatThrownBy(() -> IneffectiveSettings.refuse(environment)).hasMessageContaining(name + " must be 0");
    }

    @Test
    void seesEnvironmentVariablesToo() {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
                Map.of("SPRING_CLOUD_GATEWAY_SERVER_WEBFLUX_HTTPCLIENT_SSL_USEINSECURETRUSTMANAGER", "true")));

        assertThatThrownBy(() -> IneffectiveSettings.refuse(environment)).hasMessageContaining("ssl-bundle");
    }

    @Test
    void ignoresOtherSettingsOfTheGateway() {
        assertThatCode(() -> IneffectiveSettings.refuse(environment(Map.of(GATEWAY + "routes[0].id", "own",
                GATEWAY + "default-filters[0]", "PreserveHostHeader", "server.forward-headers-strategy", "none"))))
                .doesNotThrowAnyException();
    }
}
