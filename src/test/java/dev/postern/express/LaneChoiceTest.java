package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.web.filter.reactive.UrlHandlerFilter;
import org.springframework.web.server.WebFilter;

/** Which lane calls take, and how responses and meters show it. */
@OwnsItsGate
class LaneChoiceTest {
    private static final RecordingBackend BACKEND = new RecordingBackend();

    @AfterAll
    static void stop() {
        BACKEND.close();
    }

    private static TestGate start(Class<?>[] besides, String... properties) {
        List<String> all = new ArrayList<>(Arrays.asList(properties));
        all.add(0, "postern.backend=" + BACKEND.address());
        all.add(1, "postern.express.response-header=true");
        all.add(2, "postern.express.enabled=true");
        return TestGate.start(besides, all.toArray(String[]::new));
    }

    private static Set<String> reasons(TestGate gate) {
        return gate.context().getBean(MeterRegistry.class).find("postern.lane.calls").counters().stream()
                .filter(counter -> counter.count() > 0).map(counter -> counter.getId().getTag("reason"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void isToldInTheResponseOnRequest() {
        try (TestGate gate = start(new Class<?>[0])) {
            String key = gate.newCustomer().masterKey();

            Reply plain = gate.call(key, "GET", "/devices/lane-1");
            Reply refused = gate.call("wrong", "GET", "/devices/lane-1");
            Reply odd = gate.call(key, "OPTIONS", "/devices/lane-1");
            Reply unknown = gate.call(key, "GET", "/no/such/path");

            assertThat(plain.header("X-Postern-Lane")).isEqualTo("express");
            assertThat(refused.header("X-Postern-Lane")).isEqualTo("express");
            assertThat(odd.header("X-Postern-Lane")).as(odd.text()).isEqualTo("chain");
            assertThat(unknown.header("X-Postern-Lane")).as(unknown.text()).isEqualTo("chain");
        }
    }

    @Test
    void isTheChainIfTheExpressLaneIsOff() {
        // The value is not "false": every word that Spring takes for "false" turns the lane off.
        try (TestGate gate = start(new Class<?>[0], "postern.express.enabled=off")) {
            Reply reply = gate.call(gate.newCustomer().masterKey(), "GET", "/devices/lane-2");

            assertThat(reply.header("X-Postern-Lane")).isEqualTo("chain");
            assertThat(reasons(gate)).containsExactly("off");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"server.compression.enabled=true", "server.netty.max-keep-alive-requests=5",
            "server.max-http-request-header-size=8KB", "server.netty.max-initial-line-length=4KB",
            "spring.webflux.base-path=/v1"})
    void isTheChainForSettingsThatTheLaneDoesNotKnow(String property) {
        MockEnvironment environment = new MockEnvironment()
                .withProperty("server.netty.max-initial-line-length", "16KB")
                .withProperty("server.max-http-request-header-size", "32KB");
        environment.setConversionService(new ApplicationConversionService());
        StaticListableBeanFactory noBeans = new StaticListableBeanFactory();
        GatewayProperties gateway = new GatewayProperties();
        assertThat(CustomizedChain.additions(noBeans, gateway, environment)).isEmpty();
        int equals = property.indexOf('=');
        environment.setProperty(property.substring(0, equals), property.substring(equals + 1));

        assertThat(CustomizedChain.additions(noBeans, gateway, environment))
                .containsExactly(property.substring(0, equals));
    }

    @Test
    void isTheChainForDefaultFilters() {
        try (TestGate gate = start(new Class<?>[0],
                "spring.cloud.gateway.server.webflux.default-filters[0]=AddResponseHeader=X-Own, 1",
                "spring.cloud.gateway.server.webflux.global-filter.forward-path.enabled=true")) {
            Reply reply = gate.call(gate.newCustomer().masterKey(), "GET", "/devices/lane-3");

            assertThat(reply.header("X-Own")).isEqualTo("1");
            assertThat(reply.header("X-Postern-Lane")).isEqualTo("chain");
            assertThat(reasons(gate)).containsExactly("customized");
        }
    }

    @Test
    void isTheChainForARouteBeforeTheCatalogue() {
        String route = "spring.cloud.gateway.server.webflux.routes[0].";
        try (TestGate gate = start(new Class<?>[0], route + "id=first", route + "uri=" + BACKEND.address(),
                route + "order=-2000", route + "predicates[0]=Path=/devices/lane-4",
                route + "filters[0]=AddResponseHeader=X-Own, 1")) {
            Reply reply = gate.call(gate.newCustomer().masterKey(), "GET", "/devices/lane-4");

            assertThat(reply.header("X-Own")).isEqualTo("1");
            assertThat(reply.header("X-Postern-Lane")).isEqualTo("chain");
        }
    }

    /** A bean that someone has added to the gate. */
    @Configuration(proxyBeanMethods = false)
    static class Added {
        @Bean
        WebFilter addedWebFilter() {
            return UrlHandlerFilter.trailingSlashHandler("/devices/lane-5/").redirect(HttpStatus.FOUND).build();
        }
    }

    @Test
    void isTheChainIfAFilterWasAdded() {
        try (TestGate gate = start(new Class<?>[]{Added.class})) {
            Reply reply = gate.call(gate.newCustomer().masterKey(), "GET", "/devices/lane-5");

            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.header("X-Postern-Lane")).isEqualTo("chain");
            assertThat(reasons(gate)).containsExactly("customized");
        }
    }
}
